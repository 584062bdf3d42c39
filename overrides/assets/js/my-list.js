/**
 * The teacher's list: entries in an order of their own, with minutes that add up; shown large for a class, printed,
 * kept as a file and read back. An entry comes in by the address: my-list.html#add=<JSON>.
 * A list may come from another edition; entries that this one has no page for are marked.
 */
(function () {
  'use strict';

  /** @typedef {{url: string, title: string, kind: string, minutes: number}} Item */

  var KEY = 'archive-list';
  var archive = window.archive;
  var list = /** @type {HTMLElement} */ (document.querySelector('.my-list'));
  if (!list || list.hasAttribute('data-bound')) return;
  list.setAttribute('data-bound', '');

  var said = /** @type {HTMLElement} */ (document.querySelector('.my-list__said'));
  var total = /** @type {HTMLElement} */ (document.querySelector('.my-list__total'));
  var tools = /** @type {HTMLElement} */ (document.querySelector('.my-list__tools'));
  /** @type {Item[]} */
  var items = [];
  var pages = /** @type {{[url: string]: boolean} | null} */ (null); // of this edition; null while not known
  var current = 0; // the item that arrows have come to, while the list is projected

  /**
   * An item as it may be shown: a page of this site, a title, sensible minutes. Null for anything else.
   * @param {{[name in keyof Item]?: unknown} | null} item
   * @returns {Item | null}
   */
  function sound(item) {
    if (!item || typeof item.url !== 'string' || !/^[a-z0-9-]+(\/[a-z0-9-]+)*\.html$/.test(item.url)) return null;
    if (typeof item.title !== 'string' || !item.title.trim()) return null;
    var minutes = Math.round(Number(item.minutes));
    return { url: item.url, title: item.title.slice(0, 80), kind: String(item.kind || '').slice(0, 10), minutes: minutes >= 0 && minutes < 1000 ? minutes : 5 };
  }

  function keep() {
    try { localStorage.setItem(KEY, JSON.stringify(items)); } catch (error) { said.textContent = '这个浏览器不让保存，关掉页面前请存成文件。'; }
  }

  /** The sound ones. @param {{}[]} found */
  function allSound(found) {
    return /** @type {Item[]} */ (found.map(sound).filter(Boolean));
  }

  function read() {
    try { return allSound(JSON.parse(localStorage.getItem(KEY) || '[]')); } catch (error) { return []; }
  }

  /** @param {string} url */
  function has(url) { return items.some(function (item) { return item.url === url; }); }

  /** @param {string} label @param {string} name @param {() => void} act */
  function button(label, name, act) {
    var made = document.createElement('button');
    made.type = 'button';
    made.className = 'button button--plain';
    made.textContent = label;
    made.setAttribute('aria-label', label + '：' + name);
    made.addEventListener('click', act);
    return made;
  }

  /** @param {number} from @param {number} to */
  function move(from, to) {
    var item = items.splice(from, 1)[0];
    items.splice(to, 0, item);
    keep();
    show();
    var moved = list.children[to].querySelectorAll('button');
    var which = /** @type {HTMLButtonElement} */ (to < from ? moved[0] : moved[1]);
    (which.disabled ? /** @type {HTMLButtonElement} */ (moved[to < from ? 1 : 0]) : which).focus();
    said.textContent = '《' + item.title + '》移到第 ' + (to + 1) + ' 项。';
  }

  function sum() {
    var minutes = items.reduce(function (all, item) { return all + item.minutes; }, 0);
    total.textContent = items.length ? items.length + ' 项，共 ' + minutes + ' 分钟' : '课单是空的。';
  }

  function show() {
    list.textContent = '';
    list.hidden = !items.length;
    items.forEach(function (item, n) {
      var line = document.createElement('li');
      line.className = 'my-list__item';
      var title = document.createElement('a');
      title.className = 'my-list__title';
      var missing = pages && !pages[item.url];
      if (!missing) title.href = archive.view ? archive.view.carry(item.url) : item.url;
      title.textContent = (n + 1) + '．' + item.title;
      if (missing) {
        title.tabIndex = -1;
        line.className += ' my-list__item--missing';
        var note = document.createElement('span');
        note.className = 'my-list__missing';
        note.textContent = '这一版里没有这一页';
        title.appendChild(note);
      }
      var kind = document.createElement('span');
      kind.textContent = item.kind;
      var label = document.createElement('label');
      var minutes = document.createElement('input');
      minutes.type = 'number';
      minutes.min = '0';
      minutes.max = '999';
      minutes.value = String(item.minutes);
      minutes.setAttribute('aria-label', '分钟：' + item.title);
      minutes.step = '1';
      minutes.readOnly = isProjecting(); // there arrows lead through the list
      minutes.addEventListener('input', function () {
        if (/^\d{1,3}$/.test(minutes.value)) { item.minutes = Number(minutes.value); keep(); sum(); }
        minutes.setAttribute('aria-invalid', String(!/^\d{1,3}$/.test(minutes.value)));
      });
      // What stands there is what counts: a box left empty or with half a minute shows again what it had.
      minutes.addEventListener('change', function () {
        if (!/^\d{1,3}$/.test(minutes.value)) said.textContent = '分钟写 0 到 999 的整数。《' + item.title + '》仍是 ' + item.minutes + ' 分钟。';
        minutes.value = String(item.minutes);
        minutes.setAttribute('aria-invalid', 'false');
      });
      label.appendChild(minutes);
      label.appendChild(document.createTextNode(' 分钟'));
      var buttons = document.createElement('span');
      buttons.className = 'my-list__move';
      var up = button('上移', item.title, function () { move(n, n - 1); });
      var down = button('下移', item.title, function () { move(n, n + 1); });
      up.disabled = n === 0;
      down.disabled = n === items.length - 1;
      buttons.appendChild(up);
      buttons.appendChild(down);
      buttons.appendChild(button('移去', item.title, function () {
        items.splice(n, 1);
        keep();
        show();
        said.textContent = '移去了《' + item.title + '》。';
        var next = /** @type {HTMLElement | null} */ (list.querySelector('.my-list__item:nth-child(' + Math.min(n + 1, items.length) + ') button:last-child'));
        if (next) next.focus();
      }));
      [title, kind, label, buttons].forEach(function (part) { line.appendChild(part); });
      list.appendChild(line);
    });
    sum();
  }

  function take() {
    var named = /(?:^#|&)add=([^&]+)/.exec(location.hash);
    if (!named) return;
    history.replaceState(null, '', location.href.split('#')[0]);
    /** @type {Item | null} */
    var item = null;
    try { item = sound(JSON.parse(decodeURIComponent(named[1]))); } catch (error) { item = null; }
    if (!item) { said.textContent = '这个地址里没有认得的条目。'; return; }
    var fresh = !has(item.url);
    if (fresh) { items.push(item); keep(); }
    show();
    said.textContent = (fresh ? '已加入《' : '课单里已有《') + item.title + '》。 ';
    var back = document.createElement('a');
    back.href = archive.view ? archive.view.carry(item.url) : item.url;
    back.textContent = '回到那一页';
    said.appendChild(back);
  }

  /** @param {string} name @param {() => void} act */
  function on(name, act) {
    /** @type {HTMLElement} */ (document.querySelector('[' + name + ']')).addEventListener('click', act);
  }

  function isProjecting() { return document.body.classList.contains('projecting'); }

  /** To an item while the list is projected; the focus goes with it, so that Enter opens it. @param {number} to */
  function step(to) {
    current = Math.max(0, Math.min(items.length - 1, to));
    Array.from(list.children).forEach(function (line, n) {
      if (n === current) line.setAttribute('aria-current', 'true'); else line.removeAttribute('aria-current');
    });
    var line = /** @type {HTMLElement | undefined} */ (list.children[current]);
    if (!line) return;
    /** @type {HTMLElement} */ (line.querySelector('.my-list__title')).focus({ preventScroll: true });
    line.scrollIntoView({ block: 'center' });
  }

  /** @param {boolean} start */
  function project(start) {
    if (start === isProjecting()) return;
    document.body.classList.toggle('projecting', start);
    if (start) said.textContent = '';
    show();
    if (start) step(0);
    else /** @type {HTMLElement} */ (document.querySelector('[data-project]')).focus();
    var root = document.documentElement;
    if (start && root.requestFullscreen) root.requestFullscreen().catch(function () {});
    if (!start && document.fullscreenElement) document.exitFullscreen();
  }

  on('data-project', function () { project(true); });
  on('data-project-stop', function () { project(false); });
  document.addEventListener('fullscreenchange', function () { if (!document.fullscreenElement) project(false); });
  document.addEventListener('keydown', function (event) {
    if (!isProjecting() || event.ctrlKey || event.altKey || event.metaKey) return;
    /** @type {{[key: string]: number | undefined}} */
    var targets = { ArrowDown: current + 1, ArrowRight: current + 1, PageDown: current + 1, ArrowUp: current - 1, ArrowLeft: current - 1, PageUp: current - 1, Home: 0, End: items.length - 1 };
    var to = targets[event.key];
    if (event.key === ' ' && !/** @type {HTMLElement} */ (event.target).closest('button')) to = current + 1;
    if (event.key === 'Escape') project(false);
    else if (to !== undefined) { step(to); event.preventDefault(); }
  });
  window.addEventListener('beforeprint', show);
  on('data-print', function () { window.print(); });
  on('data-clear', function () {
    if (!items.length || !confirm('清空整张课单？')) return;
    items = [];
    keep();
    show();
    said.textContent = '清空了。';
  });
  on('data-export', function () {
    var blob = new Blob([JSON.stringify({ format: 'archive-list', version: 1, items: items }, null, 1)], { type: 'application/json' });
    var link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = '我的课单.json';
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
    said.textContent = '存成了“我的课单.json”，在浏览器的下载文件夹里。';
  });
  var chooser = /** @type {HTMLInputElement} */ (document.querySelector('[data-import]'));
  chooser.addEventListener('change', function () {
    var file = chooser.files && chooser.files[0];
    chooser.value = '';
    if (file) bring(file);
  });

  /** Add what a file holds. @param {File} file */
  function bring(file) {
    var reader = new FileReader();
    reader.onerror = function () { said.textContent = '读不了“' + file.name + '”。'; };
    reader.onload = function () {
      var found = null;
      try {
        var data = JSON.parse(String(reader.result));
        found = data && data.format === 'archive-list' && Array.isArray(data.items) ? data.items : null;
      } catch (error) { found = null; }
      if (!found) { said.textContent = '“' + file.name + '”不是课单文件，课单没有动。要选“存成文件”得到的那个 .json。'; return; }
      var good = allSound(found);
      var fresh = good.filter(function (item) { return !has(item.url); });
      items = items.concat(fresh);
      keep();
      show();
      var bad = found.length - good.length;
      said.textContent = '读入 ' + fresh.length + ' 项' + (good.length > fresh.length ? '，' + (good.length - fresh.length) + ' 项已有' : '') + (bad ? '，' + bad + ' 项不认识，没有读入' : '') + '。';
    };
    reader.readAsText(file);
  }

  tools.hidden = false;
  items = read();
  show();
  take();
  window.addEventListener('hashchange', take);
  archive.loader.load('browse/pages.js').then(function (urls) {
    /** @type {{[url: string]: boolean}} */
    var known = {};
    /** @type {string[]} */ (urls).forEach(function (url) { known[url] = true; });
    pages = known;
    if (items.some(function (item) { return !known[item.url]; })) show();
  }, function () { /* without the list of pages nothing is marked */ });
})();
