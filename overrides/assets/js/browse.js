/**
 * Filters beside a list of entries: several values at once, counts beside them, the state in the address's hash
 * (stories/index.html#periods=明&virtues=清,慎&p=2). Values of one filter add up, filters narrow each other.
 * With nothing chosen the list is the page's own. Needs loader.js and filters.js.
 */
(function () {
  'use strict';

  /**
   * @typedef {{[filter: string]: string[]}} Chosen values by filter
   * @typedef {{chosen: Chosen, page: number}} State
   * @typedef {{label: string, numbers: Uint32Array}} Value a value of a filter, with the numbers of the entries that carry it
   * @typedef {{name: string, label: string, values: Value[]}} Filter
   * @typedef {{numbers: number[], counts: {[filter: string]: number[]}}} Answer
   * @typedef {[string, ...number[]]} Gaps a value, and the gaps between the numbers of its entries
   * @typedef {{size: number, total: number, filters: [string, string, Gaps[]][]}} Facets as site/filter_data.py writes them
   * @typedef {[url: string, title: string, summary: string, notes: string[], cover: string, style: string, image: string, length: string]} Card
   */

  var PAGE = 24;
  var FEW = 12;
  var root = /** @type {HTMLElement} */ (document.querySelector('[data-browse]'));
  if (!root || root.hasAttribute('data-bound')) return;
  root.setAttribute('data-bound', '');

  var loader = window.archive.loader;
  var filters = window.archive.filters;
  var make = filters.make;
  var aside = /** @type {HTMLElement} */ (root.querySelector('.filters'));
  var status = /** @type {HTMLElement} */ (root.querySelector('[role=status]'));
  var found = /** @type {HTMLElement} */ (root.querySelector('[data-browse-found]'));
  var picked = /** @type {HTMLElement} */ (root.querySelector('[data-browse-chosen]'));
  var pager = /** @type {HTMLElement} */ (root.querySelector('[data-browse-pager]'));
  var still = root.querySelectorAll('[data-browse-static]');
  var models = /** @type {HTMLTemplateElement} */ (root.querySelector('[data-browse-cards]')).content.children;
  var said = status.textContent;
  var shared = { name: root.getAttribute('data-filter'), value: root.getAttribute('data-value') };
  var turn = 0;

  // ---- state ---------------------------------------------------------------------------------------------

  /** @param {string[]} names @returns {State} */
  function read(names) {
    var hash = new URLSearchParams(location.hash.slice(1));
    /** @type {Chosen} */
    var chosen = {};
    names.forEach(function (name) {
      var values = (hash.get(name) || '').split(',').filter(Boolean);
      if (values.length) chosen[name] = values;
    });
    return { chosen: chosen, page: Math.max(1, parseInt(hash.get('p') || '1', 10) || 1) };
  }

  /** @param {Chosen} chosen @param {number} page */
  function address(chosen, page) {
    var parts = Object.keys(chosen).filter(function (name) { return chosen[name].length; }).map(function (name) {
      return name + '=' + chosen[name].map(encodeURIComponent).join(',');
    });
    if (page > 1) parts.push('p=' + page);
    return '#' + parts.join('&');
  }

  // ---- data ----------------------------------------------------------------------------------------------

  /** @param {Facets} data */
  function index(data) {
    var rows = data.filters.map(function (row) {
      return {
        name: row[0], label: row[1],
        values: row[2].map(function (value) {
          var at = 0;
          var numbers = new Uint32Array(value.length - 1);
          for (var i = 1; i < value.length; i++) numbers[i - 1] = at += Number(value[i]);
          return { label: value[0], numbers: numbers };
        })
      };
    });

    /** A byte for every entry: whether one of the values is its. @param {Filter} filter @param {string[]} labels */
    function mask(filter, labels) {
      var marks = new Uint8Array(data.total);
      filter.values.forEach(function (value) {
        if (labels.indexOf(value.label) < 0) return;
        for (var i = 0; i < value.numbers.length; i++) marks[value.numbers[i]] = 1;
      });
      return marks;
    }

    /** @param {Uint8Array} a @param {Uint8Array} b @returns {Uint8Array} */
    function both(a, b) {
      var out = new Uint8Array(a.length);
      for (var i = 0; i < a.length; i++) out[i] = a[i] & b[i];
      return out;
    }

    var home = rows.filter(function (filter) { return filter.name === shared.name; })[0];
    if (!home || shared.value === null) return null;
    var base = /** @type {Uint8Array} */ (mask(home, [shared.value]));

    return {
      size: data.size,
      filters: rows,
      /** @param {Chosen} chosen @returns {Answer} */
      ask: function (chosen) {
        /** @type {{[filter: string]: Uint8Array}} */
        var masks = {};
        rows.forEach(function (filter) { if (chosen[filter.name]) masks[filter.name] = mask(filter, chosen[filter.name]); });
        /** @param {string} except */
        function of(except) {
          return Object.keys(masks).reduce(function (all, name) { return name === except ? all : both(all, masks[name]); }, base);
        }
        var all = of('');
        /** @type {number[]} */
        var numbers = [];
        for (var i = 0; i < data.total; i++) if (all[i]) numbers.push(i);
        /** @type {{[filter: string]: number[]}} */
        var counts = {};
        rows.forEach(function (filter) {
          var rest = of(filter.name);
          counts[filter.name] = filter.values.map(function (value) {
            var count = 0;
            for (var i = 0; i < value.numbers.length; i++) count += rest[value.numbers[i]];
            return count;
          });
        });
        return { numbers: numbers, counts: counts };
      }
    };
  }

  // ---- parts ---------------------------------------------------------------------------------------------

  /** A card as partials/card.html makes it: one of its models, filled. @param {Card} row */
  function card(row) {
    var url = row[0], title = row[1], summary = row[2], notes = row[3], words = row[4], style = row[5], image = row[6], length = row[7];
    var item = document.importNode(models[!image ? 0 : length ? 2 : 1], true);
    /** @param {string} selector */
    function part(selector) { return /** @type {HTMLElement} */ (item.querySelector(selector)); }
    if (image) {
      /** @type {HTMLImageElement} */ (part('img')).src = loader.base + image;
      if (length) part('small').textContent = length;
    } else {
      part('.cover').className += style;
      part('b').textContent = words;
    }
    var kicker = part('.card__kicker');
    var note = /** @type {HTMLElement} */ (kicker.firstElementChild);
    kicker.textContent = '';
    notes.forEach(function (text) {
      var span = note.cloneNode();
      span.textContent = text;
      kicker.append(span);
    });
    var link = /** @type {HTMLAnchorElement} */ (part('.card__title a'));
    link.href = loader.base + url;
    link.textContent = title;
    part('.card__summary').textContent = summary;
    return item;
  }

  /** @typedef {NonNullable<ReturnType<typeof index>>} Data */

  /** @param {Data} data @param {Answer} answer @param {State} state */
  function showFilters(data, answer, state) {
    var groups = data.filters.map(function (filter) {
      var mine = state.chosen[filter.name] || [];
      var values = filter.values.map(function (value, n) {
        return { value: value.label, label: value.label, count: answer.counts[filter.name][n], chosen: mine.indexOf(value.label) >= 0 };
      }).filter(function (value) { return value.count || value.chosen; });
      if (filter.name === 'places') {
        values.sort(function (a, b) { return b.count - a.count; });
        if (!mine.length) values = values.slice(0, FEW);
      }
      return { name: filter.name, label: filter.label, shut: filter.name === 'places', values: values, chosen: mine.length };
    }).filter(function (group) { return group.name !== shared.name && (group.values.length > 1 || group.chosen); });
    filters.show(aside, groups, function (name, value, on) { location.hash = address(changed(state.chosen, name, value, on), 1); });
    /** @type {ChosenValue[]} */
    var chosen = [];
    Object.keys(state.chosen).forEach(function (name) {
      state.chosen[name].forEach(function (value) {
        chosen.push({ label: value, without: address(changed(state.chosen, name, value, false), 1) });
      });
    });
    filters.say(picked, chosen, '#');
  }

  /** The choice with a value more, or less. @param {Chosen} chosen @param {string} name @param {string} value @param {boolean} on */
  function changed(chosen, name, value, on) {
    var rest = (chosen[name] || []).filter(function (each) { return each !== value; });
    var next = Object.assign({}, chosen);
    next[name] = on ? rest.concat(value) : rest;
    if (!next[name].length) delete next[name];
    return next;
  }

  /** @param {number} count @param {State} state */
  function showPager(count, state) {
    var pages = Math.ceil(count / PAGE);
    pager.textContent = '';
    pager.hidden = pages < 2;
    if (pages < 2) return;
    /** @param {number} to @param {string} label */
    function step(to, label) {
      return to < 1 || to > pages ? make('span', {}, [label]) : make('a', { href: address(state.chosen, to) }, [label]);
    }
    pager.append(step(state.page - 1, '上一页'), make('span', {}, ['第 ' + state.page + ' / ' + pages + ' 页']), step(state.page + 1, '下一页'));
  }

  /** @param {Data} data */
  function show(data) {
    var mine = ++turn;
    var state = read(data.filters.map(function (filter) { return filter.name; }));
    var filtered = Object.keys(state.chosen).length > 0;
    var answer = data.ask(state.chosen);
    showFilters(data, answer, state);
    still.forEach(function (part) { part.toggleAttribute('hidden', filtered); });
    found.hidden = !filtered;
    if (!filtered) {
      pager.hidden = true;
      status.textContent = said;
      return;
    }
    status.textContent = answer.numbers.length ? '筛出 ' + answer.numbers.length + ' 条' : '没有同时合乎这些条件的条目，去掉一两项再看';
    state.page = Math.min(state.page, Math.max(1, Math.ceil(answer.numbers.length / PAGE)));
    showPager(answer.numbers.length, state);
    var numbers = answer.numbers.slice((state.page - 1) * PAGE, state.page * PAGE);
    Promise.all(numbers.map(function (n) {
      return loader.load('browse/cards-' + Math.floor(n / data.size) + '.js').then(function (rows) { return /** @type {Card[]} */ (rows)[n % data.size]; });
    })).then(function (rows) {
      if (mine !== turn) return;
      found.textContent = '';
      rows.forEach(function (row) { found.append(card(row)); });
    }, function () {
      if (mine === turn) status.textContent += '；有文件读不到，请重新拷贝整个文件夹再试';
    });
  }

  loader.load('browse/facets.js').then(function (payload) {
    var known = index(/** @type {Facets} */ (payload));
    if (!known) return;
    var data = known;
    show(data);
    // Links to the list with something chosen: without this script they lead to the whole list.
    document.querySelectorAll('[data-browse-only]').forEach(function (link) {
      link.addEventListener('click', function (event) {
        event.preventDefault();
        location.hash = '#' + link.getAttribute('data-browse-only');
        root.scrollIntoView();
      });
    });
    addEventListener('hashchange', function () {
      show(data);
      if (location.hash.indexOf('p=') > 0) root.scrollIntoView();
    });
  }, function () { /* without the data the list is as it was */ });
})();
