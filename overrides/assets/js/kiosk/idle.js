/**
 * When nobody touches the screen for a while it asks, waits fifteen seconds, and begins afresh for the next visitor.
 * One timer at a time. Until somebody comes, the reel plays.
 */
(function () {
  'use strict';

  var COUNTDOWN = 15;
  /** A touch that ends elsewhere, or is held, is never a click. */
  var LET_GO = 400;

  var archive = window.archive;
  var kiosk = archive.kiosk;
  var root = document.documentElement;
  var ask = /** @type {HTMLElement} */ (document.querySelector('[data-still]'));
  var left = /** @type {HTMLElement} */ (ask.querySelector('[data-seconds]'));
  var attract = /** @type {HTMLElement} */ (document.querySelector('[data-attract]'));
  var reel = archive.reel(/** @type {HTMLElement} */ (attract.querySelector('[data-reel]')));
  var timer = 0;
  var heard = 0;
  var going = 0;

  /** @param {number} seconds @param {() => void} then */
  function wait(seconds, then) {
    clearTimeout(timer);
    timer = setTimeout(then, seconds * 1000);
  }

  /** Wake when the quiet may have lasted long enough; touches in between only move the mark. */
  function listen() {
    if (kiosk.attended) heard = performance.now(); // staff are at it: their own pages close by themselves
    var quiet = (performance.now() - heard) / 1000;
    var rest = kiosk.settings.idle - quiet;
    if (rest <= 0) question(COUNTDOWN);
    else wait(rest, listen);
  }

  /** @param {number} seconds */
  function question(seconds) {
    if (seconds <= 0) { kiosk.reset(); return; }
    if (ask.hidden) { clearTimeout(going); ask.hidden = false; /** @type {HTMLElement} */ (ask.querySelector('button')).focus(); }
    left.textContent = String(seconds);
    wait(1, function () { question(seconds - 1); });
  }

  function away() {
    clearTimeout(going);
    ask.hidden = true;
  }

  function idle() {
    clearTimeout(timer);
    away();
    root.setAttribute('data-state', 'attract');
    attract.hidden = false;
    reel.play(kiosk.settings.reel);
  }

  document.addEventListener('kiosk:enter', function () {
    attract.hidden = true;
    reel.stop();
    heard = performance.now();
    listen();
  });
  // The question goes when the touch that answered it is over: gone any earlier, the page under it would be pressed.
  document.addEventListener('kiosk:here', function (event) {
    if (kiosk.state() === 'attract') return;
    heard = performance.now();
    if (ask.hidden) return;
    listen();
    if (!event.detail.touch) away();
  });
  ask.addEventListener('click', away);
  ['pointerup', 'pointercancel'].forEach(function (name) {
    ask.addEventListener(name, function () {
      clearTimeout(going);
      going = setTimeout(away, LET_GO);
    });
  });
  document.addEventListener('kiosk:reset', idle);

  /** @param {Event} event */
  function come(event) {
    if (kiosk.state() !== 'attract') return;
    event.preventDefault();
    kiosk.enter();
  }
  attract.addEventListener('pointerdown', come);
  attract.addEventListener('click', come); // a keyboard, or a reader's switch, presses the button in it

  var wish = decodeURIComponent(location.hash.slice(1));
  idle();
  if (wish) kiosk.enter(kiosk.base + wish);
  if (location.hash) history.replaceState(null, '', location.href.split('#')[0]);
  root.setAttribute('data-alive', ''); // the last of the shell's scripts has run
})();
