// @ts-check
/**
 * When nobody touches the screen for a while it asks, waits fifteen seconds, and begins afresh for the next visitor.
 * One timer at a time. Until somebody comes, the reel plays.
 */
(function () {
  'use strict';

  var COUNTDOWN = 15;

  var kiosk = window.archiveKiosk;
  var root = document.documentElement;
  var ask = /** @type {HTMLElement} */ (document.querySelector('[data-still]'));
  var left = /** @type {HTMLElement} */ (ask.querySelector('[data-seconds]'));
  var attract = /** @type {HTMLElement} */ (document.querySelector('[data-attract]'));
  var reel = window.archiveReel(attract.querySelector('[data-reel]'));
  var timer = 0;
  var heard = 0;

  function wait(seconds, then) {
    clearTimeout(timer);
    timer = setTimeout(then, seconds * 1000);
  }

  /** Wake when the quiet may have lasted long enough; touches in between only move the mark. */
  function listen() {
    var quiet = (performance.now() - heard) / 1000;
    var rest = kiosk.settings.idle - quiet;
    if (rest <= 0) question(COUNTDOWN);
    else wait(rest, listen);
  }

  function question(seconds) {
    if (seconds <= 0) { kiosk.reset(); return; }
    if (ask.hidden) { ask.hidden = false; /** @type {HTMLElement} */ (ask.querySelector('button')).focus(); }
    left.textContent = String(seconds);
    wait(1, function () { question(seconds - 1); });
  }

  function idle() {
    clearTimeout(timer);
    ask.hidden = true;
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
  document.addEventListener('kiosk:here', function () {
    if (kiosk.state() === 'attract') return;
    heard = performance.now();
    if (!ask.hidden) { ask.hidden = true; listen(); }
  });
  document.addEventListener('kiosk:reset', idle);

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
