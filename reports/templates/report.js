"use strict";
(function () {
  var root = document.documentElement;
  document.querySelectorAll("input.lang").forEach(function (radio) {
    radio.addEventListener("change", function () { root.lang = radio.value; });
    if (radio.checked) { root.lang = radio.value; }
  });

  // The pages of a large report: the language goes along, as ?lang=en.
  var wanted = document.getElementById("lang-" + new URLSearchParams(location.search).get("lang"));
  if (wanted) { wanted.checked = true; root.lang = wanted.value; }
  document.querySelectorAll("a.lead").forEach(function (link) {
    var parts = link.getAttribute("href").split("#");
    link.addEventListener("click", function () {
      if (parts[0]) { link.href = parts[0] + "?lang=" + root.lang + (parts[1] ? "#" + parts[1] : ""); }
    });
  });

  var box = document.getElementById("filter");
  if (!box) { return; }
  var search = document.getElementById("search");
  var shown = document.getElementById("shown");
  var boxes = Array.prototype.slice.call(box.querySelectorAll("input[type=checkbox]"));
  var subjects = Array.prototype.map.call(document.querySelectorAll(".subject"), function (element) {
    return {
      element: element,
      agency: element.closest(".agency"),
      findings: Array.prototype.slice.call(element.querySelectorAll(".finding")),
      own: element.querySelector("summary").textContent.toLowerCase(),
      text: null
    };
  });
  box.hidden = false;

  function off(kind) {
    return boxes.filter(function (one) { return one.dataset[kind] && !one.checked; })
      .map(function (one) { return one.dataset[kind]; });
  }

  function apply() {
    var outcomes = off("outcome"), severities = off("severity"), words = search.value.trim().toLowerCase();
    var filtering = outcomes.length + severities.length + words.length > 0;
    var count = 0, agencies = new Map();
    subjects.forEach(function (subject) {
      if (words && subject.text === null) {
        subject.text = subject.findings.map(function (one) { return one.textContent.toLowerCase(); });
      }
      var whole = !words || subject.own.indexOf(words) >= 0;
      var visible = 0;
      subject.findings.forEach(function (one, index) {
        var data = one.dataset;
        var hidden = outcomes.indexOf(data.outcome) >= 0
          || (data.outcome === "fail" || data.outcome === "warn") && severities.indexOf(data.severity) >= 0
          || !whole && subject.text[index].indexOf(words) < 0;
        one.hidden = hidden;
        visible += hidden ? 0 : 1;
      });
      count += visible;
      subject.element.hidden = filtering && visible === 0;
      if (words && visible > 0 && visible < 200) { subject.element.open = true; }
      agencies.set(subject.agency, (agencies.get(subject.agency) || 0) + visible);
    });
    agencies.forEach(function (visible, agency) { agency.hidden = filtering && visible === 0; });
    shown.textContent = count.toLocaleString(root.lang);
    remember(outcomes, severities, words);
  }

  function remember(outcomes, severities, words) {
    var state = new URLSearchParams();
    if (outcomes.length) { state.set("without", outcomes.join(",")); }
    if (severities.length) { state.set("below", severities.join(",")); }
    if (words) { state.set("text", words); }
    var fragment = state.toString();
    if (fragment || location.hash.indexOf("#f?") === 0) {
      history.replaceState(null, "", fragment ? "#f?" + fragment : "#results");
    }
  }

  function recall() {
    if (location.hash.indexOf("#f?") !== 0) { return; }
    var state = new URLSearchParams(location.hash.slice(3));
    var without = (state.get("without") || "").split(","), below = (state.get("below") || "").split(",");
    boxes.forEach(function (one) {
      one.checked = without.indexOf(one.dataset.outcome) < 0 && below.indexOf(one.dataset.severity) < 0;
    });
    search.value = state.get("text") || "";
  }

  var waiting = 0;
  search.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(apply, 150); });
  boxes.forEach(function (one) { one.addEventListener("change", apply); });
  document.getElementById("clear").addEventListener("click", function () {
    boxes.forEach(function (one) { one.checked = true; });
    search.value = "";
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

  function reveal() {
    var target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (var at = target; at; at = at.parentElement) { if (at.tagName === "DETAILS") { at.open = true; } }
    if (target) { target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", reveal);

  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = Array.prototype.slice.call(document.querySelectorAll("details:not([open])"));
    closed.forEach(function (one) { one.open = true; });
  });
  window.addEventListener("afterprint", function () { closed.forEach(function (one) { one.open = false; }); });

  recall();
  apply();
  if (location.hash.indexOf("#f?") !== 0) { reveal(); }
})();
