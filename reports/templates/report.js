"use strict";
(function () {
  var root = document.documentElement;
  function speak(lang) {
    root.lang = lang;
    document.querySelectorAll("option[data-vi]").forEach(function (one) { one.textContent = one.dataset[lang]; });
  }
  document.querySelectorAll("input.lang").forEach(function (radio) {
    radio.addEventListener("change", function () { speak(radio.value); });
    if (radio.checked) { speak(radio.value); }
  });

  // The pages of a large report: the language goes along, as ?lang=en.
  var wanted = document.getElementById("lang-" + new URLSearchParams(location.search).get("lang"));
  if (wanted) { wanted.checked = true; speak(wanted.value); }
  document.querySelectorAll("a.lead").forEach(function (link) {
    var parts = link.getAttribute("href").split("#");
    link.addEventListener("click", function () {
      if (parts[0]) { link.href = parts[0] + "?lang=" + root.lang + (parts[1] ? "#" + parts[1] : ""); }
    });
  });

  // Numbers that lead to the findings of one result, of one agency where there are several on the page.
  var RESULTS = ["pass", "warn", "fail", "inconclusive", "not_applicable", "error"];
  document.querySelectorAll("a[data-only]").forEach(function (link) {
    var page = link.getAttribute("href").split("#")[0];
    link.addEventListener("click", function () {
      var state = new URLSearchParams();
      state.set("without", RESULTS.filter(function (one) { return one !== link.dataset.only; }).join(","));
      if (link.dataset.agency) { state.set("agency", link.dataset.agency); }
      link.href = (page ? page + "?lang=" + root.lang : "") + "#f?" + state;
    });
  });

  // A table of states is one stop of the Tab key; within it the arrow keys move.
  var MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  document.querySelectorAll("table.grid").forEach(function (table) {
    var at = table.rows[0].cells[0];
    table.setAttribute("role", "grid");
    at.tabIndex = 0;
    function go(cell) {
      at.removeAttribute("tabindex");
      at = cell;
      at.tabIndex = 0;
      at.focus();
    }
    table.addEventListener("click", function (event) {
      var cell = event.target.closest("th, td");
      if (cell) { go(cell); }
    });
    table.addEventListener("keydown", function (event) {
      var move = MOVES[event.key], edge = event.key === "Home" || event.key === "End";
      if (!move && !edge || event.altKey || event.metaKey) { return; }
      var row = move ? table.rows[at.parentElement.rowIndex + move[0]] : at.parentElement;
      var next = row && (move ? row.cells[at.cellIndex + move[1]] : row.cells[event.key === "Home" ? 0 : row.cells.length - 1]);
      event.preventDefault();
      if (next) { go(next); }
    });
  });

  // Tables that can be sorted by any of their columns, and the list of agencies by name, level and state.
  function value(row, column) {
    var cell = row.cells[column], given = cell.dataset.sort;
    var text = (cell.querySelector("[lang=" + root.lang + "]") || cell).textContent.trim();
    if (given !== undefined) { return Number(given); }
    return cell.classList.contains("num") ? Number(text.replace(/[^0-9]/g, "")) : text;
  }
  document.querySelectorAll("table.sortable").forEach(function (table) {
    var body = table.tBodies[0], heads = Array.prototype.slice.call(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      head.appendChild(button);
      button.addEventListener("click", function () {
        var usual = column ? "descending" : "ascending", again = column ? "ascending" : "descending";
        var way = head.getAttribute("aria-sort") === usual ? again : usual;
        heads.forEach(function (one) { one.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", way);
        Array.prototype.slice.call(body.rows).sort(function (one, other) {
          var a = value(one, column), b = value(other, column);
          var order = typeof a === "number" ? a - b : a.localeCompare(b, root.lang);
          return way === "descending" ? -order : order;
        }).forEach(function (row) { body.appendChild(row); });
        table.dispatchEvent(new Event("sorted", { bubbles: true }));
      });
    });
  });
  document.querySelectorAll(".scripted").forEach(function (one) { one.hidden = false; });

  (function () {
    var tools = document.getElementById("of-agencies");
    if (!tools) { return; }
    var name = document.getElementById("find-agency"), level = document.getElementById("agency-level");
    var state = document.getElementById("agency-state"), shown = document.getElementById("agencies-shown");
    var rows = Array.prototype.slice.call(document.querySelectorAll("#agencies ~ .scroll .sortable tbody tr"));
    function choose() {
      var words = name.value.trim().toLowerCase(), count = 0;
      rows.forEach(function (row) {
        row.hidden = words && row.cells[0].textContent.toLowerCase().indexOf(words) < 0
          || level && level.value && row.dataset.level !== level.value
          || state.value && row.dataset.state !== state.value;
        count += row.hidden ? 0 : 1;
      });
      shown.textContent = count.toLocaleString(root.lang);
    }
    tools.hidden = false;
    name.addEventListener("input", choose);
    [level, state].forEach(function (one) { if (one) { one.addEventListener("change", choose); } });
    choose();
  })();

  // The list of problems by text and by what its rows say of themselves; numbers elsewhere lead to their rows of it.
  (function () {
    var tools = document.getElementById("of-problems"), MARK = "#p?";
    if (!tools) { return; }
    var text = document.getElementById("find-problem"), shown = document.getElementById("problems-shown");
    var names = ["outcome", "severity", "area", "agency", "check", "kind", "family", "tag"];
    var choices = names.map(function (name) {
      return { name: name, element: document.getElementById("problem-" + name) };
    }).filter(function (one) { return one.element; });
    var MOST = 50, every = false, more = document.getElementById("more-problems");
    function holds(row, one) {
      return !one.element.value || (row.dataset[one.name] || "").split("\n").indexOf(one.element.value) >= 0;
    }
    function choose() {
      var words = text.value.trim().toLowerCase(), count = 0, state = new URLSearchParams();
      document.querySelectorAll("#problems tbody tr").forEach(function (row) {
        var wanted = (!words || row.textContent.toLowerCase().indexOf(words) >= 0)
          && choices.every(function (one) { return holds(row, one); });
        count += wanted ? 1 : 0;
        row.hidden = !wanted || !every && count > MOST;
      });
      shown.textContent = count.toLocaleString(root.lang);
      more.hidden = every || count <= MOST;
      choices.forEach(function (one) { if (one.element.value) { state.set(one.name, one.element.value); } });
      if (words) { state.set("text", text.value.trim()); }
      document.getElementById("problems").classList.toggle("chosen", state.size > 0);
      return state.toString();
    }
    function remember() {
      var state = choose();
      if (state || location.hash.indexOf(MARK) === 0) {
        history.replaceState(null, "", state ? MARK + state : "#problems");
      }
    }
    function recall() {
      if (location.hash.indexOf(MARK) !== 0) { return; }
      var state = new URLSearchParams(location.hash.slice(MARK.length));
      choices.forEach(function (one) {
        one.element.value = state.get(one.name) || "";
        if (one.element.selectedIndex < 0) { one.element.value = ""; }
      });
      text.value = state.get("text") || "";
      choose();
      document.getElementById("problems").scrollIntoView();
    }
    tools.hidden = false;
    text.addEventListener("input", remember);
    choices.forEach(function (one) { one.element.addEventListener("change", remember); });
    function showEvery() {
      every = true;
      choose();
    }
    more.addEventListener("click", showEvery);
    document.getElementById("problems").addEventListener("sorted", choose);
    window.addEventListener("beforeprint", showEvery);
    document.getElementById("clear-problems").addEventListener("click", function () {
      choices.forEach(function (one) { one.element.value = ""; });
      text.value = "";
      remember();
    });
    document.querySelectorAll("a[data-rows]").forEach(function (link) {
      link.addEventListener("click", function () { link.href = MARK + link.dataset.rows; });
    });
    window.addEventListener("hashchange", recall);
    choose();
    recall();
  })();

  function unescaped(text) {
    try { return decodeURIComponent(text); } catch (error) { return text; }
  }

  function reveal() {
    var target = location.hash.length > 1 && document.getElementById(unescaped(location.hash.slice(1)));
    for (var at = target; at; at = at.parentElement) { if (at.tagName === "DETAILS") { at.open = true; } }
    if (target) { target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", reveal);

  // Browsers that do not show the content of closed details on paper by style alone.
  var closed = [], all = document.getElementById("print-all");
  window.addEventListener("beforeprint", function () {
    closed = all.checked ? Array.prototype.slice.call(document.querySelectorAll("details:not([open])")) : [];
    closed.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () { closed.forEach(function (one) { one.open = false; }); });

  // The overview of a large report has no findings of its own to choose from.
  var box = document.getElementById("filter");
  if (!box) {
    document.addEventListener("keydown", function (event) {
      var tools = document.getElementById("find-agency");
      if (event.key === "/" && tools && !event.target.matches("input[type=search]")) { event.preventDefault(); tools.focus(); }
    });
    reveal();
    return;
  }
  var search = document.getElementById("search");
  var agency = document.getElementById("of-agency");
  var shown = document.getElementById("shown");
  var boxes = Array.prototype.slice.call(box.querySelectorAll("input[type=checkbox]"));
  var subjects = Array.prototype.map.call(document.querySelectorAll(".subject"), function (element) {
    return {
      element: element,
      agency: element.closest(".agency"),
      findings: Array.prototype.slice.call(element.querySelectorAll(".finding")),
      undecided: element.querySelector(".undecided"),
      own: element.querySelector("summary").textContent.toLowerCase(),
      text: null
    };
  });
  box.hidden = false;

  function off(kind) {
    return boxes.filter(function (one) { return one.dataset[kind] && !one.checked; })
      .map(function (one) { return one.dataset[kind]; });
  }

  function switchedOff(values, list) {
    return values.split(" ").every(function (one) { return list.indexOf(one) >= 0; });
  }

  function apply() {
    var outcomes = off("outcome"), severities = off("severity"), areas = off("area"), families = off("family");
    var words = search.value.trim().toLowerCase(), only = agency ? agency.value : "";
    var filtering = outcomes.length + severities.length + areas.length + families.length + words.length + only.length > 0;
    var count = 0, agencies = new Map();
    subjects.forEach(function (subject) {
      var elsewhere = only && subject.agency.id !== only;
      if (words && !elsewhere && subject.text === null) {
        subject.text = subject.findings.map(function (one) { return one.textContent.toLowerCase(); });
      }
      var whole = !words || subject.own.indexOf(words) >= 0;
      var visible = 0, undecided = 0;
      subject.findings.forEach(function (one, index) {
        var data = one.dataset;
        var hidden = elsewhere || outcomes.indexOf(data.outcome) >= 0
          || areas.indexOf(data.area) >= 0 || switchedOff(data.family, families)
          || (data.outcome === "fail" || data.outcome === "warn") && severities.indexOf(data.severity) >= 0
          || !whole && subject.text[index].indexOf(words) < 0;
        one.hidden = Boolean(hidden);
        visible += hidden ? 0 : 1;
        undecided += !hidden && data.outcome === "inconclusive" ? 1 : 0;
      });
      count += visible;
      subject.element.hidden = filtering && visible === 0;
      if (subject.undecided) {
        subject.undecided.hidden = undecided === 0;
        subject.undecided.open = subject.undecided.open || filtering && undecided > 0 && undecided === visible;
      }
      if (words && visible > 0 && visible < 200) { subject.element.open = true; }
      agencies.set(subject.agency, (agencies.get(subject.agency) || 0) + visible);
    });
    agencies.forEach(function (visible, agency) { agency.hidden = filtering && visible === 0; });
    shown.textContent = count.toLocaleString(root.lang);
    remember({ without: outcomes, below: severities, outside: areas, apart: families, text: words, agency: only });
  }

  function remember(chosen) {
    var state = new URLSearchParams();
    Object.keys(chosen).forEach(function (key) { if (chosen[key].length) { state.set(key, chosen[key]); } });
    var fragment = state.toString();
    if (fragment || location.hash.indexOf("#f?") === 0) {
      history.replaceState(null, "", fragment ? "#f?" + fragment : "#results");
    }
  }

  function recall() {
    if (location.hash.indexOf("#f?") !== 0) { return; }
    var state = new URLSearchParams(location.hash.slice(3));
    function list(key) { return (state.get(key) || "").split(","); }
    var without = list("without"), below = list("below"), outside = list("outside"), apart = list("apart");
    boxes.forEach(function (one) {
      var data = one.dataset;
      one.checked = without.indexOf(data.outcome) < 0 && below.indexOf(data.severity) < 0
        && outside.indexOf(data.area) < 0 && apart.indexOf(data.family) < 0;
    });
    if (agency) { agency.value = state.get("agency") || ""; }
    search.value = state.get("text") || "";
  }

  var waiting = 0;
  search.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(apply, 150); });
  boxes.concat(agency || []).forEach(function (one) { one.addEventListener("change", apply); });
  document.getElementById("clear").addEventListener("click", function () {
    boxes.forEach(function (one) { one.checked = true; });
    search.value = "";
    if (agency) { agency.value = ""; }
    apply();
  });
  document.addEventListener("keydown", function (event) {
    var typing = event.target.matches("input[type=search], textarea");
    if (event.ctrlKey || event.metaKey || event.altKey || typing) { return; }
    if (event.key === "/") { event.preventDefault(); search.focus(); }
    if (event.key === "f") {
      boxes.forEach(function (one) { if (one.dataset.outcome) { one.checked = one.dataset.outcome === "fail"; } });
      apply();
    }
  });

  window.addEventListener("hashchange", function () {
    if (location.hash.indexOf("#f?") === 0) { recall(); apply(); document.getElementById("results").scrollIntoView(); }
  });
  recall();
  apply();
  if (location.hash.indexOf("#f?") !== 0) { reveal(); }
})();
