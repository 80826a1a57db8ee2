// Puts axe-core into a page as something that finds the same in two thirds of the time. `load` runs its script.
//
// Half of what it does is about colours: it reads those of every element behind every text, mostly the same few, and
// keeps what belongs to an object in WeakMaps, one for each of six private fields, which cost the collector of garbage
// more than they hold.
(load) => {
  class Itself {
    constructor(it) { return it; }
  }

  // A WeakMap or WeakSet for as much as axe-core asks of one: a private field of the keys themselves.
  function Field() {
    class Keyed extends Itself {
      #value;
      constructor(key, value) { super(key); this.#value = value; }
      static has(key) { return typeof key === "object" && key !== null && #value in key; }
      static get(key) { return Keyed.has(key) ? key.#value : undefined; }
      static set(key, value) { if (#value in key) key.#value = value; else new Keyed(key, value); }
    }
    return { has: Keyed.has, get: Keyed.get, set: Keyed.set, add: (key) => Keyed.set(key, true) };
  }

  const { WeakMap, WeakSet } = window;
  Object.assign(window, { WeakMap: Field, WeakSet: Field });
  load();
  Object.assign(window, { WeakMap, WeakSet });

  const colour = axe.commons.color.Color.prototype, parse = colour.parseString, parsed = new Map();
  colour.parseString = function (text) {
    if (!parsed.has(text)) {
      parse.call(this, text);
      parsed.set(text, [this.r, this.g, this.b, this.alpha]);
    } else {
      [this.r, this.g, this.b, this.alpha] = parsed.get(text);
    }
    return this;
  };
}
