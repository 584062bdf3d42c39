/**
 * Slides one at a time. Keys as projectors and clickers send them: arrows, Page Up and Down, space, Home, End; B or a
 * full stop blackens, O shows all, F fills the screen, A changes 16:9 and 4:3, S opens the lecturer's window, V plays
 * the film on the slide, T begins the time anew; a number and Enter goes there. The slide shown stands in the hash.
 * Paging keys always page, save in a field and on a film reached by Tab; whatever the pointer touched gives the focus back.
 *
 * Other scripts drive it through `archive.deck`.
 */
(function () {
  'use strict';

  var archive = window.archive = window.archive || /** @type {Archive} */ ({});
  var slides = /** @type {HTMLElement[]} */ (Array.from(document.querySelectorAll('.deck .slide')));
  if (!slides.length || archive.deck || location.hash === '#presenter') return;

  var body = document.body;
  var stage = /** @type {HTMLElement} */ (document.querySelector('.deck__slides'));
  var bar = /** @type {HTMLElement} */ (document.querySelector('.deck__bar'));
  var status = /** @type {HTMLElement} */ (document.querySelector('.deck__said'));
  var at = 0;
  var begun = 0;
  var typed = '';
  var tabbed = false; // the focus came to where it is by Tab
  /** @type {((state: Deck.State) => void)[]} */
  var listeners = [];

  /** @param {string} label @param {string} keys @param {() => void} act */
  function button(label, keys, act) {
    var made = document.createElement('button');
    made.type = 'button';
    made.textContent = label;
    made.title = keys;
    made.addEventListener('click', act);
    return made;
  }

  /** @param {string} name @param {boolean} on */
  function toggle(name, on) {
    body.classList.toggle(name, on);
    return body.classList.contains(name);
  }

  /** @param {HTMLElement} made @param {boolean} on */
  function pressed(made, on) { made.setAttribute('aria-pressed', String(on)); }

  function tell() {
    var state = { at: at, count: slides.length, black: isBlack(), ratio: body.classList.contains('deck--43') ? '43' : '169', begun: begun };
    listeners.forEach(function (listener) { listener(state); });
  }

  /** Back to the slide, so that the next key is for it. */
  function refocus() { slides[at].focus({ preventScroll: true }); }

  /** @param {number} number from 0 @param {boolean} [focus] */
  function go(number, focus) {
    var next = Math.max(0, Math.min(slides.length - 1, number));
    if (next !== at && !begun) begun = Date.now();
    if (next !== at) {
      hush();
      // A film that fills the screen would hide the slide gone to.
      if (document.fullscreenElement && document.fullscreenElement.closest('video')) document.exitFullscreen();
    }
    at = next;
    slides.forEach(function (slide, n) {
      slide.hidden = n !== at;
      if (n === at) slide.setAttribute('aria-current', 'true'); else slide.removeAttribute('aria-current');
    });
    count.textContent = (at + 1) + ' / ' + slides.length;
    back.disabled = at === 0;
    on.disabled = at === slides.length - 1;
    history.replaceState(null, '', '#' + (at + 1));
    var title = slides[at].querySelector('.slide__title');
    status.textContent = '第 ' + (at + 1) + ' 张，共 ' + slides.length + ' 张：' + (title ? title.textContent : '');
    if (focus) refocus();
    tell();
  }

  function isBlack() { return body.classList.contains('deck--black'); }

  /** The next slide or the one before; out of a black screen first the slide that was there. @param {number} by @param {boolean} [focus] */
  function turn(by, focus) {
    if (isBlack()) black(); else go(at + by, focus);
  }

  function hush() { slides[at].querySelectorAll('video').forEach(function (video) { video.pause(); }); }

  function black() {
    pressed(dark, toggle('deck--black', !isBlack()));
    if (isBlack()) hush();
    tell();
  }

  /** @param {boolean} [show] */
  function overview(show) {
    var shown = toggle('deck--overview', show === undefined ? !body.classList.contains('deck--overview') : show);
    pressed(all, shown);
    slides.forEach(function (slide, n) {
      slide.tabIndex = shown ? 0 : -1;
      if (shown) { slide.setAttribute('role', 'link'); slide.setAttribute('aria-label', '到第 ' + (n + 1) + ' 张'); }
      else { slide.removeAttribute('role'); slide.removeAttribute('aria-label'); }
    });
    fit();
    if (shown) slides[at].scrollIntoView({ block: 'center' });
    refocus();
  }

  function ratio() {
    pressed(shape, toggle('deck--43', !body.classList.contains('deck--43')));
    fit();
    tell();
  }

  function full() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (document.documentElement.requestFullscreen) document.documentElement.requestFullscreen().catch(function () { status.textContent = '浏览器不让全屏，按 F11 试试'; });
  }

  function play() {
    var video = slides[at].querySelector('video');
    if (video && isBlack()) black();
    if (video) { if (video.paused) video.play().catch(function () {}); else video.pause(); }
  }

  function restart() { begun = Date.now(); clock(); tell(); }

  function clock() {
    var seconds = begun ? Math.floor((Date.now() - begun) / 1000) : 0;
    var shown = Math.floor(seconds / 60) + ':' + ('0' + seconds % 60).slice(-2) + ' / ' + body.getAttribute('data-minutes') + ' 分钟';
    if (timer.textContent !== shown) timer.textContent = shown;
  }

  /** As large as the window allows; then what is still too long for its slide is set smaller, or named. */
  function fit() {
    var wide = body.classList.contains('deck--43') ? 30 : 40;
    var width = stage.clientWidth || innerWidth;
    var height = stage.clientHeight || innerHeight;
    if (body.classList.contains('deck--overview')) { width = innerWidth; height = innerHeight; }
    body.style.setProperty('--unit', Math.min(width / wide, height / 22.5) + 'px');
    if (!body.classList.contains('deck--overview')) measure();
  }

  /** @param {Element} box */
  function over(box) { return box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1; }

  function measure() {
    /** @type {number[]} */
    var long = [];
    slides.forEach(function (slide, n) {
      var hidden = slide.hidden;
      slide.hidden = false;
      var text = /** @type {HTMLElement} */ (slide.querySelector('.slide__body'));
      text.style.fontSize = '';
      var frame = /** @type {HTMLElement} */ (slide.querySelector('.slide__sheet'));
      var base = parseFloat(getComputedStyle(text).fontSize) / parseFloat(getComputedStyle(frame).fontSize);
      for (var size = base; over(text) && size > base * 0.8; size -= 0.05) text.style.fontSize = size.toFixed(2) + 'em';
      slide.toggleAttribute('data-overflow', over(text) || over(frame));
      if (slide.hasAttribute('data-overflow')) long.push(n + 1);
      slide.hidden = hidden;
    });
    warning.hidden = !long.length;
    warning.textContent = long.length ? '第 ' + long.join('、') + ' 张放不下，下面的字看不见：在 slides.md 里删字，或分成两张。' : '';
  }

  function forward() { turn(1, true); }
  function backward() { turn(-1, true); }

  /** @type {Record<string, () => void>} */
  var keys = {
    ArrowRight: forward, ArrowDown: forward, PageDown: forward, ' ': forward, n: forward,
    ArrowLeft: backward, ArrowUp: backward, PageUp: backward, Backspace: backward, p: backward,
    Home: function () { go(0, true); }, End: function () { go(slides.length - 1, true); },
    b: black, '.': black, o: function () { overview(); }, f: full, a: ratio, v: play, t: restart,
    Escape: function () { if (body.classList.contains('deck--overview')) overview(false); else if (isBlack()) black(); }
  };

  document.addEventListener('keydown', function (event) {
    var target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === 'Tab') { tabbed = true; return; }
    if (target.closest('input, textarea, select') || (tabbed && target.closest('video') && /^( |Enter|Arrow.*)$/.test(event.key))) return;
    var within = target.closest('button, a, summary');
    if (within && (event.key === 'Enter' || (event.key === ' ' && !target.closest('a'))) && !typed) return;
    if (/^[0-9]$/.test(event.key)) { typed += event.key; return; }
    if (event.key === 'Enter') {
      if (typed) go(Number(typed) - 1, true);
      else if (body.classList.contains('deck--overview')) choose(target);
      else if (!within) go(at + 1, true);
      typed = '';
      event.preventDefault();
      return;
    }
    typed = '';
    var act = keys[event.key] || keys[event.key.toLowerCase()];
    if (!act) return;
    if (body.classList.contains('deck--overview') && /^Arrow/.test(event.key)) {
      var step = /Right|Down/.test(event.key) ? 1 : -1;
      go(at + step, true);
    } else act();
    event.preventDefault();
  });

  /** @param {Element} target */
  function choose(target) {
    var slide = /** @type {HTMLElement | null} */ (target.closest('.slide'));
    if (!slide) return;
    overview(false);
    go(slides.indexOf(slide), true);
  }

  stage.addEventListener('click', function (event) {
    var target = /** @type {HTMLElement} */ (event.target);
    if (body.classList.contains('deck--overview')) choose(target);
    else if (isBlack()) black();
    else if (target.closest('video')) refocus();
  });
  // A browser whose players keep their clicks to themselves still says where the focus went.
  stage.addEventListener('focusin', function (event) {
    if (!tabbed && /** @type {HTMLElement} */ (event.target).closest('video')) setTimeout(refocus);
  });
  bar.addEventListener('click', function (event) {
    if (event.detail && !/** @type {HTMLElement} */ (event.target).closest('a')) refocus(); // 0: pressed by key
  });
  document.addEventListener('mousedown', function () { tabbed = false; }, true);

  /** @type {Touch | null} */
  var from = null;
  stage.addEventListener('touchstart', function (event) {
    var zoomed = window.visualViewport && window.visualViewport.scale > 1.05; // there a finger looks around
    from = event.touches.length === 1 && !zoomed && !(/** @type {HTMLElement} */ (event.target).closest('video')) ? event.touches[0] : null;
  }, { passive: true });
  stage.addEventListener('touchend', function (event) {
    if (!from || body.classList.contains('deck--overview')) return;
    var by = event.changedTouches[0].clientX - from.clientX;
    if (Math.abs(by) > 50 && Math.abs(by) > Math.abs(event.changedTouches[0].clientY - from.clientY)) turn(by < 0 ? 1 : -1, true);
    from = null;
  });

  var resting = 0;
  document.addEventListener('mousemove', function () {
    body.classList.add('deck--moved');
    clearTimeout(resting);
    resting = window.setTimeout(function () { body.classList.remove('deck--moved'); }, 2500);
  });
  document.addEventListener('fullscreenchange', function () { pressed(whole, toggle('deck--full', Boolean(document.fullscreenElement))); fit(); });
  window.addEventListener('resize', fit);
  window.addEventListener('hashchange', function () { go(Number(location.hash.slice(1)) - 1 || 0); });

  var count = document.createElement('span');
  count.className = 'deck__count';
  var timer = document.createElement('button');
  timer.type = 'button';
  timer.className = 'deck__timer';
  timer.title = '从零计时（T）';
  timer.addEventListener('click', restart);
  var warning = document.createElement('p');
  warning.className = 'deck__warning';
  warning.setAttribute('role', 'alert');
  warning.hidden = true;
  var back = button('上一张', '左箭头、Page Up', function () { turn(-1); });
  var on = button('下一张', '右箭头、Page Down、空格', function () { turn(1); });
  var all = button('总览', 'O', function () { overview(); });
  var dark = button('黑屏', 'B 或句点', black);
  var shape = button('4:3', 'A', ratio);
  var whole = button('全屏', 'F', full);
  [all, dark, shape, whole].forEach(function (made) { pressed(made, false); });
  bar.before(warning);
  [back, on, count, all, dark, whole, shape, timer, button('打印', 'Ctrl+P', function () { window.print(); })].forEach(function (made, n) {
    bar.insertBefore(made, bar.children[n]);
  });

  archive.deck = {
    go: go,
    keys: keys,
    bar: bar,
    slides: slides,
    say: function (text) { status.textContent = text; warning.hidden = false; warning.textContent = text; },
    watch: function (listener) { listeners.push(listener); tell(); }
  };
  body.classList.add('deck--step');
  fit();
  go(Number(location.hash.slice(1)) - 1 || 0);
  clock();
  setInterval(clock, 1000);
  if (document.fonts && document.fonts.ready) document.fonts.ready.then(fit);
})();
