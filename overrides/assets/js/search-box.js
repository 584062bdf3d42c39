/**
 * The search box: suggestions in a combobox by the ARIA pattern, over a form that works without it.
 * Loads the engine when the box gets the focus. `/` puts the focus there. Needs loader.js.
 */
(function () {
  'use strict';

  var archive = window.archive;
  var loader = archive.loader;
  /** Each needs the one before. */
  var ENGINE = ['text', 'index', 'terms', 'engine'].map(function (part) { return 'assets/js/search-' + part + '.js'; });
  var PAUSE = 120;
  /** @type {Record<string, string>} */
  var KINDS = { people: '人物', title: '篇目', aliases: '别名', places: '地名', tags: '词', headings: '小标题' };

  /** @type {Promise<Search.Engine> | null} */
  var engine = null;

  function loadEngine() {
    if (!engine) {
      engine = ENGINE.reduce(function (before, path) {
        return before.then(function () { return loader.script(path); });
      }, Promise.resolve()).then(function () { return archive.search; });
      engine.catch(function () { engine = null; }); // then the next question tries again
    }
    return engine;
  }

  archive.searchBox = { engine: loadEngine };

  /** @param {string} query */
  function pageOf(query) {
    return loader.base + 'search.html#q=' + encodeURIComponent(query).replace(/%20/g, '+');
  }

  /** Lone surrogates, which no address can hold, are replaced. @param {string} text */
  function wellFormed(text) {
    return Array.from(text, function (c) { return /^[\ud800-\udfff]$/.test(c) ? '\ufffd' : c; }).join('');
  }

  /** @param {Element} form */
  function upgrade(form) {
    var input = /** @type {HTMLInputElement} */ (form.querySelector('input'));
    var list = /** @type {HTMLElement} */ (form.querySelector('ul'));
    var live = /** @type {HTMLElement} */ (form.querySelector('[aria-live]'));
    var timer = 0;
    var asked = 0;
    var active = -1;

    function options() { return list.querySelectorAll('li'); }

    function close() {
      list.hidden = true;
      input.setAttribute('aria-expanded', 'false');
      activate(-1);
    }

    /** @param {number} n */
    function activate(n) {
      if (options()[active]) options()[active].setAttribute('aria-selected', 'false');
      active = n;
      var option = options()[n];
      if (!option) return void input.removeAttribute('aria-activedescendant');
      option.setAttribute('aria-selected', 'true');
      option.scrollIntoView({ block: 'nearest' });
      input.setAttribute('aria-activedescendant', option.id);
    }

    /** @param {string} label @param {string} text @param {string} link */
    function add(label, text, link) {
      var option = document.createElement('li');
      option.setAttribute('role', 'option');
      option.setAttribute('aria-selected', 'false');
      option.id = list.id + '-' + options().length;
      option.dataset.link = link;
      var kind = document.createElement('span');
      kind.className = 'search-box__kind';
      kind.textContent = label;
      option.append(text, ' ', kind);
      list.appendChild(option);
    }

    /** @param {Search.Suggestion[]} terms @param {Search.Result} found */
    function show(terms, found) {
      list.textContent = '';
      activate(-1);
      var titles = found.hits.map(function (hit) { return hit.title; });
      terms.filter(function (term) { return titles.indexOf(term.text) < 0; }).slice(0, 5).forEach(function (term) {
        add(KINDS[term.kind] || '', term.text, pageOf(term.text));
      });
      found.hits.forEach(function (hit) { add('打开', hit.title, loader.base + hit.link); });
      if (found.total) add('共 ' + found.total + ' 条', '查看“' + found.query + '”的全部结果', pageOf(found.query));
      var count = options().length;
      list.hidden = !count;
      input.setAttribute('aria-expanded', String(Boolean(count)));
      live.textContent = count ? '有 ' + count + ' 条建议，用上下键选择' : '没有建议，按回车检索';
    }

    function ask() {
      var query = wellFormed(input.value.trim());
      var turn = ++asked;
      if (!query) return void close();
      loadEngine().then(function (search) {
        return Promise.all([search.suggest(query, 8), search.find(query, { limit: 4 })]);
      }).then(function (answers) {
        if (turn === asked && document.activeElement === input) show(answers[0], answers[1]);
      }, function () {
        if (turn === asked) live.textContent = '检索文件读不到，请重新拷贝整个文件夹再试。';
      });
    }

    function askSoon() {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    }

    /** @param {string} link */
    function go(link) {
      clearTimeout(timer);
      asked++;
      close();
      location.href = archive.view ? archive.view.carry(link) : link;
    }

    input.addEventListener('focus', function () {
      loadEngine().then(function (search) { return search.warm(); }).catch(function () {}); // said when something is asked
    });
    input.addEventListener('input', function (event) { if (!/** @type {InputEvent} */ (event).isComposing) askSoon(); });
    // Chrome sends no input event after compositionend, so ask here too.
    input.addEventListener('compositionend', askSoon);
    input.addEventListener('blur', function () { setTimeout(close, 200); });
    input.addEventListener('keydown', function (event) {
      // 229: a key that belongs to the input method.
      if (event.isComposing || event.keyCode === 229) return;
      var count = options().length;
      var open = !list.hidden;
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        if (!open) return void ask();
        var step = event.key === 'ArrowDown' ? 1 : -1;
        activate(active + step >= count ? -1 : active + step < -1 ? count - 1 : active + step);
      } else if (event.key === 'Escape' && open) {
        event.preventDefault();
        close();
      } else if (event.key === 'Enter' && open && active >= 0) {
        event.preventDefault();
        go(options()[active].dataset.link || '');
      }
    });
    // Pressing must not take the focus, or the list would be gone before the click.
    list.addEventListener('mousedown', function (event) { event.preventDefault(); });
    list.addEventListener('click', function (event) {
      var option = /** @type {Element} */ (event.target).closest('li');
      if (option) go(option.dataset.link || '');
    });
    form.addEventListener('submit', function (event) {
      event.preventDefault();
      var query = wellFormed(input.value.trim());
      if (query) go(pageOf(query));
    });
  }

  document.addEventListener('keydown', function (event) {
    var busy = /** @type {HTMLElement} */ (event.target);
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (busy.isContentEditable || /^(input|textarea|select)$/i.test(busy.tagName)) return;
    var input = /** @type {HTMLElement | null} */ (document.querySelector('[data-search-box] input'));
    if (!input) return;
    event.preventDefault();
    input.focus();
  });

  document.querySelectorAll('[data-search-box]').forEach(function (form) {
    if (form.hasAttribute('data-bound')) return;
    form.setAttribute('data-bound', '');
    upgrade(form);
  });
})();
