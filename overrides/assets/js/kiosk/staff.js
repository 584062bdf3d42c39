/**
 * The way in for staff: hold the mark in the bar for three seconds, then the PIN. The maintenance page says which
 * edition this is, looks whether all files are there, gives the counts out, and sets the volume.
 */
(function () {
  'use strict';

  var HOLD = 3000;
  var TRIES = 5;
  var LOCKED = 60000;
  var QUIET = 120000;
  var ARMED = 5000;
  /** What `qr-code.js` holds, and the white around a code, in cells. */
  var CODE_BYTES = 271;
  var QUIET_ZONE = 4;
  var VOLUME = 'archive-kiosk-volume';

  var archive = window.archive;
  var kiosk = archive.kiosk;
  var counters = archive.counters;
  var mark = /** @type {HTMLElement} */ (document.querySelector('[data-mark]'));
  var gate = /** @type {HTMLElement} */ (document.querySelector('[data-gate]'));
  var desk = /** @type {HTMLElement} */ (document.querySelector('[data-desk]'));
  var typed = '';
  var wrong = 0;
  var lockedUntil = 0;
  var holding = 0;
  var quiet = 0;
  var armed = 0;

  /** @param {string} name @param {ParentNode} [within] */
  function part(name, within) { return /** @type {HTMLElement} */ ((within || desk).querySelector('[data-' + name + ']')); }

  // ---- the gesture and the PIN -------------------------------------------------------------------------------

  mark.addEventListener('pointerdown', function () {
    clearTimeout(holding);
    holding = setTimeout(open, HOLD);
  });
  ['pointerup', 'pointercancel', 'pointerleave'].forEach(function (name) {
    mark.addEventListener(name, function () { clearTimeout(holding); });
  });

  function open() {
    typed = '';
    kiosk.attended = true;
    gate.hidden = false;
    dots('');
    stay();
  }

  function close() {
    clearTimeout(quiet);
    disarm();
    code(false);
    kiosk.attended = false;
    gate.hidden = true;
    desk.hidden = true;
  }

  /** Left alone, both close by themselves. */
  function stay() {
    clearTimeout(quiet);
    quiet = setTimeout(function () { close(); kiosk.reset(); }, QUIET);
  }

  /** @param {string} message */
  function dots(message) {
    part('pin-dots', gate).textContent = typed.replace(/./g, '●') || '　';
    part('pin-says', gate).textContent = message;
  }

  gate.addEventListener('click', function (event) {
    var key = event.target instanceof Element ? event.target.closest('button') : null;
    if (!key) return;
    stay();
    if (key.hasAttribute('data-pin-cancel')) { close(); return; }
    if (Date.now() < lockedUntil) { dots('输错太多次，过一分钟再试'); return; }
    if (key.hasAttribute('data-pin-back')) typed = typed.slice(0, -1);
    else typed += key.textContent.trim();
    if (typed.length < kiosk.settings.pin.length) { dots(''); return; }
    var right = typed === kiosk.settings.pin;
    typed = '';
    if (right) { wrong = 0; enter(); return; }
    wrong++;
    if (wrong >= TRIES) { wrong = 0; lockedUntil = Date.now() + LOCKED; }
    dots('密码不对');
  });

  // ---- the maintenance page ------------------------------------------------------------------------------------

  function enter() {
    gate.hidden = true;
    desk.hidden = false;
    part('edition').textContent = (/\/e\/([0-9a-f]{12})\//.exec(location.pathname) || [])[1] || '试看（不在发布的文件夹里）';
    sums();
    /** @type {HTMLInputElement} */ (part('volume')).value = String(volume() * 100);
    desk.scrollTop = 0;
    /** @type {HTMLElement} */ (desk.querySelector('h2')).focus({ preventScroll: true });
    stay();
  }

  function sums() {
    var list = part('sums');
    list.textContent = '';
    counters.sums().forEach(function (sum) {
      var item = document.createElement('li');
      item.textContent = sum[0] + ' ' + sum[1] + ' 次';
      list.appendChild(item);
    });
  }

  function volume() {
    try {
      var kept = localStorage.getItem(VOLUME);
      return kept === null ? 0.8 : Math.min(1, Math.max(0, Number(kept) || 0));
    } catch (error) { return 0.8; }
  }

  desk.addEventListener('pointerdown', stay);
  part('volume').addEventListener('input', function () {
    var value = Number(/** @type {HTMLInputElement} */ (part('volume')).value) / 100;
    try { localStorage.setItem(VOLUME, String(value)); } catch (error) { /* until the screen is switched off */ }
    kiosk.setVolume(value);
  });
  part('close').addEventListener('click', function () { close(); kiosk.reset(); });
  part('reload').addEventListener('click', function () { location.reload(); });
  part('look').addEventListener('click', function () {
    var says = part('look-says');
    var button = /** @type {HTMLButtonElement} */ (part('look'));
    button.disabled = true;
    /** @type {Kiosk.Check} */ (archive.check).run('./', function (done, of) {
      says.textContent = '查到 ' + done + ' / ' + of;
      stay();
    }).then(function (missing) {
      says.textContent = missing.length
        ? missing.length + ' 个文件缺或不完整，请重新拷贝：' + missing.slice(0, 12).join('、') + (missing.length > 12 ? ' 等' : '')
        : '文件都在，都完整。';
    }, function () {
      says.textContent = '没有文件清单 zz-files.js，请重新拷贝整个文件夹。';
    }).then(function () { button.disabled = false; });
  });
  /** The counts as a code: a hall's computer often has nothing that takes a file away. @param {boolean} shown */
  function code(shown) {
    part('code').setAttribute('aria-expanded', String(shown));
    part('code-box').hidden = !shown;
    if (!shown) return;
    var rows = archive.qrCode(counters.lines(CODE_BYTES)) || [];
    var dark = '';
    rows.forEach(function (row, y) {
      row.forEach(function (on, x) { if (on) dark += 'M' + (x + QUIET_ZONE) + ' ' + (y + QUIET_ZONE) + 'h1v1h-1z'; });
    });
    /** @type {SVGPathElement} */ (part('code-box').querySelector('path')).setAttribute('d', dark);
  }
  part('code').addEventListener('click', function () { code(Boolean(part('code-box').hidden)); });
  part('csv').addEventListener('click', function () {
    var link = document.createElement('a');
    var url = URL.createObjectURL(new Blob([counters.csv()], { type: 'text/csv' }));
    link.href = url;
    link.download = 'ji-shu-' + archive.calendar.now().toISOString().slice(0, 10) + '.csv';
    link.click();
    setTimeout(function () { URL.revokeObjectURL(url); }, 10000);
    part('csv-says').textContent = '已存进浏览器的下载文件夹。';
  });
  function disarm() {
    clearTimeout(armed);
    part('zero').removeAttribute('data-sure');
    part('zero').textContent = '计数清零';
  }

  part('zero').addEventListener('click', function () {
    var button = part('zero');
    if (!button.hasAttribute('data-sure')) {
      button.setAttribute('data-sure', '');
      button.textContent = '再点一次就清零';
      armed = setTimeout(disarm, ARMED);
      return;
    }
    disarm();
    counters.clear();
    sums();
    code(false);
  });

  document.addEventListener('kiosk:reset', function () { clearTimeout(holding); close(); });
  kiosk.setVolume(volume());
})();
