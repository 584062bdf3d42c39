/**
 * The shell of a touch screen: holds one page of the site in a frame, and is the only one that moves it on.
 *
 * Pages ask by message (`page.js`): the shell lets them go to pages of this folder and nowhere else, keeps the way back
 * itself, and throws the frame away when a visit ends, with its history, its forms and its films. The frame's sandbox
 * has no pop-ups, no downloads, no dialogs and no way to the top window.
 *
 * The other kiosk scripts hear of it by events on document, each with a `detail`:
 *   kiosk:enter    a visit begins                     kiosk:page  {url}          a page has opened
 *   kiosk:reset    it is over, nothing is left        kiosk:here                 somebody is there
 *   kiosk:film     {id}  a film was seen to its end   kiosk:miss  {term}         a search found nothing
 */
(function () {
  'use strict';

  var archive = window.archive = window.archive || /** @type {Archive} */ ({});
  if (archive.kiosk) return;

  var PATIENCE = 8000;
  /** The touch that opens the home page must not press what appears under it. */
  var SHIELD = 400;
  var MOST_STEPS = 100;
  var MOST_WORDS = 40;
  /** How long after a page has loaded it may still be about to say that it is there. */
  var HELLO = 500;

  var base = location.href.split(/[?#]/)[0].replace(/[^/]*$/, '');
  var stage = /** @type {HTMLElement} */ (document.querySelector('[data-stage]'));
  var broken = /** @type {HTMLElement} */ (document.querySelector('[data-broken]'));
  var shield = /** @type {HTMLElement} */ (document.querySelector('[data-shield]'));
  /** @type {HTMLIFrameElement | null} */
  var frame = null;
  /**
   * Pages of this visit, the present one last: address, how far down it was read, what was searched for and how many were shown.
   * @type {{url: string, top: number, words: string, many: number}[]}
   */
  var trail = [];
  /** Whether the page on its way is one gone back to. */
  var returning = false;
  /** The page that has said it is there. */
  var shown = '';
  var large = false;
  var volume = 1;
  var watch = 0;

  /** @param {string} name @param {object} [detail] */
  function tell(name, detail) { document.dispatchEvent(new CustomEvent('kiosk:' + name, { detail: detail || {} })); }
  /** @param {string} name */
  function button(name) { return /** @type {HTMLButtonElement} */ (document.querySelector('[data-' + name + ']')); }

  /** Whether an address is a page of this folder. @param {string} url */
  function within(url) {
    var plain = String(url).split(/[?#]/)[0];
    return plain.indexOf(base) === 0 && /\.html$/.test(plain) && plain.indexOf('/../') < 0 && !/\/kiosk\.html$/.test(plain);
  }

  /** @param {string} url */
  function withView(url) {
    if (!large || /[#&]view=/.test(url)) return url;
    return url + (url.indexOf('#') < 0 ? '#' : '&') + 'view=large';
  }

  /** Show a page in the frame; the frame's own history never grows. @param {string} url */
  function show(url) {
    clearTimeout(watch);
    broken.hidden = true;
    // A page that is shown already does not load again, and would not say so.
    if (frame && url.split('#')[0] === shown) {
      document.documentElement.removeAttribute('data-moving');
      say({ top: url.split('#')[1] || '' });
      arrive();
      bar();
      return;
    }
    shown = '';
    document.documentElement.setAttribute('data-moving', '');
    watch = setTimeout(fail, PATIENCE);
    if (!frame) {
      frame = document.createElement('iframe');
      frame.setAttribute('sandbox', 'allow-scripts allow-same-origin');
      frame.title = '馆藏';
      frame.src = withView(url);
      frame.addEventListener('load', loaded);
      stage.appendChild(frame);
    } else {
      /** @type {Window} */ (frame.contentWindow).location.replace(withView(url));
    }
    bar();
  }

  /** Whatever the frame has loaded, be it the browser's own page for a file that is not there. */
  function loaded() {
    if (shown) return;
    clearTimeout(watch);
    watch = setTimeout(fail, HELLO);
  }

  /** A page that does not say that it is there: missing, damaged, or cut off. */
  function fail() {
    document.documentElement.removeAttribute('data-moving');
    broken.hidden = false;
    // Without a home there is nothing to look at: the door finds an edition that has one.
    if (trail.length < 2) { reset(); archive.door(); }
  }

  /** A page that was gone back to is where it was left. */
  function arrive() {
    var place = trail[trail.length - 1];
    if (returning && place) say({ place: place });
    returning = false;
  }

  /** @param {string} url */
  function go(url) {
    if (!within(url)) return;
    returning = false;
    if (!trail.length || url !== trail[trail.length - 1].url) trail.push({ url: url, top: 0, words: '', many: 0 });
    if (trail.length > MOST_STEPS) trail.splice(1, 1);
    show(url);
  }

  function back() {
    if (trail.length > 1) trail.pop();
    returning = true;
    show((trail[trail.length - 1] || { url: base + 'index.html' }).url);
  }

  function home() {
    trail = [];
    go(base + 'index.html');
  }

  function bar() {
    button('back').disabled = trail.length < 2;
    button('large').setAttribute('aria-pressed', String(large));
  }

  /** @param {Kiosk.Order} message */
  function say(message) {
    if (frame) /** @type {Window} */ (frame.contentWindow).postMessage(Object.assign({ kiosk: true }, message), '*');
  }

  /** A visit begins. @param {string} [url] */
  function enter(url) {
    shield.hidden = false;
    setTimeout(function () { shield.hidden = true; }, SHIELD);
    document.documentElement.setAttribute('data-state', 'visit');
    home();
    if (url && within(url) && url !== base + 'index.html') go(url);
    tell('enter');
  }

  /** The visit is over: nothing of it stays in the frame, in storage or in the address. */
  function reset() {
    clearTimeout(watch);
    if (frame) frame.remove();
    frame = null;
    shown = '';
    trail = [];
    returning = false;
    large = false;
    broken.hidden = true;
    button('phone').hidden = true;
    document.documentElement.removeAttribute('data-moving');
    try {
      sessionStorage.clear();
      Object.keys(localStorage).forEach(function (key) {
        if (key.indexOf('archive-kiosk') !== 0) localStorage.removeItem(key);
      });
    } catch (error) { /* a browser without storage keeps nothing */ }
    if (location.hash) history.replaceState(null, '', location.href.split('#')[0]);
    performance.clearResourceTimings(); // the browser's own notes of what the visit read
    bar();
    tell('reset');
  }

  /** @type {Record<string, (message: Kiosk.Message) => void>} */
  var heard = {
    hello: function (message) {
      clearTimeout(watch);
      broken.hidden = true;
      shown = String(message.url).split('#')[0];
      document.documentElement.removeAttribute('data-moving');
      button('phone').hidden = !message.phone;
      say({ volume: volume });
      arrive();
      tell('page', { url: String(message.url).split(/[?#]/)[0].slice(base.length) });
    },
    here: function () { tell('here'); },
    place: function (message) {
      var place = trail[trail.length - 1];
      if (!place || !shown || String(message.url).split('#')[0] !== shown) return;
      place.top = Number(message.top) || 0;
      place.words = String(message.words || '').slice(0, MOST_WORDS);
      place.many = Number(message.many) || 0;
    },
    go: function (message) { go(String(message.url)); },
    film: function (message) { tell('film', { id: String(message.id) }); },
    miss: function (message) { tell('miss', { term: String(message.term) }); }
  };

  window.addEventListener('message', function (event) {
    var message = event.data;
    if (!frame || event.source !== frame.contentWindow || !message || !Object.prototype.hasOwnProperty.call(heard, message.kiosk)) return;
    if (message.kiosk !== 'here' && message.kiosk !== 'place') tell('here');
    heard[message.kiosk](message);
  });

  /** @param {string} name @param {() => void} act */
  function press(name, act) {
    button(name).addEventListener('click', function () { tell('here'); act(); });
  }
  press('back', back);
  press('home', home);
  press('search', function () { go(base + 'search.html'); });
  press('phone', function () { say({ phone: true }); });
  press('large', function () { large = !large; say({ large: large }); bar(); });
  press('broken-home', home);

  document.addEventListener('selectstart', function (event) { event.preventDefault(); });
  ['pointerdown', 'wheel', 'keydown'].forEach(function (name) {
    document.addEventListener(name, function () { tell('here', { touch: name === 'pointerdown' }); }, { capture: true, passive: true });
  });

  bar();
  archive.kiosk = {
    base: base,
    enter: enter,
    reset: reset,
    /** Whether staff are at the screen. */
    attended: false,
    setVolume: function (value) { volume = value; say({ volume: value }); },
    state: function () { return document.documentElement.getAttribute('data-state'); },
    settings: JSON.parse(document.documentElement.getAttribute('data-settings') || '{}')
  };
})();
