/**
 * The lecturer's window: this slide, the next one, notes and time, beside what the class sees.
 *
 * It is the same page again with `#presenter`. The two windows speak by postMessage, which also works between two
 * windows of one file:// page, where they have no origin to name; each only listens to the other. Every message names
 * its lesson: the class's window may have gone on to another, which this one must not turn.
 */
(function () {
  'use strict';

  var NAME = 'archive-deck';
  var SILENT = 3000;
  var SIZES = [22, 26, 30, 34, 40, 48]; // of the notes, in px
  var lesson = document.body.getAttribute('data-lesson');

  if (location.hash === '#presenter') present(); else offer();

  /** In the class's window. */
  function offer() {
    var controls = window.archive && window.archive.deck;
    if (!controls) return;
    var deck = controls;
    var other = /** @type {Window | null} */ (null);
    var last = /** @type {Deck.State | null} */ (null);

    function send() { if (other && !other.closed && last) other.postMessage({ name: NAME, lesson: lesson, state: last }, '*'); }

    function open() {
      other = window.open(location.href.split('#')[0] + '#presenter', NAME, 'width=1100,height=760');
      if (other) other.focus(); else deck.say('浏览器拦下了讲者窗口。允许弹出窗口后再按一次 S。');
    }

    deck.watch(function (state) { last = state; send(); });
    window.addEventListener('message', function (event) {
      if (!event.data || event.data.name !== NAME || !event.source) return;
      if (event.data.lesson !== lesson) {
        if (event.data.hello) /** @type {Window} */ (event.source).postMessage({ name: NAME, lesson: lesson, elsewhere: document.title }, '*');
        return;
      }
      // A reload of this window forgets the other, which then says hello again.
      if (event.data.hello) other = /** @type {Window} */ (event.source);
      if (event.source !== other) return;
      if (event.data.key && deck.keys[event.data.key]) deck.keys[event.data.key]();
      if (typeof event.data.go === 'number') deck.go(event.data.go);
      send();
    });
    deck.keys.s = open;
    var made = document.createElement('button');
    made.type = 'button';
    made.textContent = '讲者窗口';
    made.title = 'S';
    made.addEventListener('click', open);
    deck.bar.insertBefore(made, deck.bar.children[5]);
  }

  /** In the lecturer's window. */
  function present() {
    var slides = /** @type {HTMLElement[]} */ (Array.from(document.querySelectorAll('.deck .slide')));
    var minutes = document.body.getAttribute('data-minutes');
    var title = document.title;
    var state = { at: 0, count: slides.length, black: false, ratio: '169', begun: 0 };
    var heard = 0; // when the class's window last answered
    var asked = 0; // when it was first asked since, 0 when it has answered
    var typed = '';

    document.title = '讲者窗口 · ' + title;
    document.body.className = 'presenter';
    document.body.textContent = '';
    var lost = part('p', 'presenter__lost', '');
    lost.hidden = true;
    lost.setAttribute('role', 'alert');
    var now = view('这一张');
    var next = view('下一张');
    var notes = part('div', 'presenter__notes', '');
    notes.tabIndex = 0;
    notes.setAttribute('aria-label', '讲稿');
    notes.setAttribute('role', 'region');
    notes.style.fontSize = keptSize() + 'px';
    var bar = part('div', 'presenter__bar', '');
    [['上一张', 'ArrowLeft'], ['下一张', 'ArrowRight'], ['黑屏', 'b'], ['放影片', 'v'], ['从零计时', 't']].forEach(function (pair) {
      tool(pair[0], function () { send({ key: pair[1] }); });
    });
    tool('讲稿大些', function () { size(1); }).title = '+';
    tool('讲稿小些', function () { size(-1); }).title = '-';
    var time = document.createElement('span');
    time.className = 'presenter__time';
    bar.appendChild(time);

    /** @param {string} label @param {() => void} act */
    function tool(label, act) {
      var made = document.createElement('button');
      made.type = 'button';
      made.textContent = label;
      made.addEventListener('click', function (event) {
        act();
        if (event.detail) made.blur(); // a pointer must not leave the space bar on the button
      });
      bar.appendChild(made);
      return made;
    }

    function keptSize() {
      try { return SIZES.indexOf(Number(localStorage.getItem(NAME + '-notes'))) >= 0 ? Number(localStorage.getItem(NAME + '-notes')) : SIZES[0]; } catch (error) { return SIZES[0]; }
    }

    /** @param {number} by */
    function size(by) {
      var now = SIZES.indexOf(parseFloat(notes.style.fontSize));
      var next = SIZES[Math.max(0, Math.min(SIZES.length - 1, now + by))];
      notes.style.fontSize = next + 'px';
      try { localStorage.setItem(NAME + '-notes', String(next)); } catch (error) { /* for this time only */ }
    }

    /** @param {string} tag @param {string} name @param {string} text */
    function part(tag, name, text) {
      var made = document.createElement(tag);
      made.className = name;
      made.textContent = text;
      document.body.appendChild(made);
      return made;
    }

    /** @param {string} label */
    function view(label) {
      var box = part('section', 'presenter__part', '');
      var head = document.createElement('h2');
      head.textContent = label;
      var frame = document.createElement('div');
      frame.className = 'presenter__view';
      box.appendChild(head);
      box.appendChild(frame);
      return { head: head, frame: frame };
    }

    /** @param {{hello?: boolean, key?: string, go?: number}} message */
    function send(message) {
      if (window.opener && !window.opener.closed) window.opener.postMessage(Object.assign({ name: NAME, lesson: lesson }, message), '*');
    }

    /** A slide without its players: films play where the class sees them. @param {HTMLElement | undefined} slide @param {HTMLElement} frame */
    function copy(slide, frame) {
      frame.textContent = '';
      if (!slide) return;
      var original = /** @type {HTMLElement} */ (slide.querySelector('.slide__sheet'));
      var sheet = /** @type {HTMLElement} */ (original.cloneNode(true));
      sheet.querySelectorAll('[id]').forEach(function (element) { element.removeAttribute('id'); });
      sheet.querySelectorAll('video').forEach(function (video) {
        var still = document.createElement('img');
        still.src = video.poster;
        still.alt = video.getAttribute('aria-label') || '';
        video.replaceWith(still);
      });
      var holder = document.createElement('div');
      holder.className = slide.className;
      holder.appendChild(sheet);
      frame.appendChild(holder);
    }

    function fit() {
      [now.frame, next.frame].forEach(function (frame) {
        var wide = state.ratio === '43' ? 30 : 40;
        frame.style.setProperty('--unit', frame.clientWidth / wide + 'px');
        frame.style.height = frame.clientWidth * 22.5 / wide + 'px';
      });
    }

    function show() {
      document.body.setAttribute('data-ratio', state.ratio);
      document.body.classList.toggle('deck--43', state.ratio === '43');
      now.head.textContent = '这一张：' + (state.at + 1) + ' / ' + state.count + (state.black ? '（黑屏）' : '');
      next.head.textContent = slides[state.at + 1] ? '下一张' : '没有下一张了';
      copy(slides[state.at], now.frame);
      copy(slides[state.at + 1], next.frame);
      notes.textContent = '';
      var said = slides[state.at].querySelector('.slide__notes');
      if (said) said.childNodes.forEach(function (node) { if (node.nodeName !== 'SUMMARY') notes.appendChild(node.cloneNode(true)); });
      else notes.textContent = '这一张没有讲稿。';
      notes.scrollTop = 0;
      fit();
    }

    function clock() {
      var seconds = state.begun ? Math.floor((Date.now() - state.begun) / 1000) : 0;
      var day = new Date();
      time.textContent = Math.floor(seconds / 60) + ':' + ('0' + seconds % 60).slice(-2) + ' / ' + minutes + ' 分钟　' + day.getHours() + ':' + ('0' + day.getMinutes()).slice(-2);
      if (!window.opener || window.opener.closed) say('放映的窗口关了。从课程页重新打开幻灯，再按 S。');
      // Since it was asked, not since it answered: a window out of sight may ask only once a minute.
      else if (asked && Date.now() - asked > SILENT) say('放映的窗口没有回应，那边多半离开了幻灯。回到这一课的幻灯，这里就接上。');
      asked = asked || Date.now();
      send({ hello: true }); // answered with the state, also by a window that has been loaded again
    }

    /** What is wrong with the class's window; nothing when it follows. @param {string} text */
    function say(text) {
      lost.hidden = !text;
      if (lost.textContent !== text) lost.textContent = text;
    }

    window.addEventListener('message', function (event) {
      if (event.source !== window.opener || !event.data || event.data.name !== NAME) return;
      if (event.data.lesson !== lesson) {
        if (!event.data.elsewhere) return;
        asked = 0;
        say('放映的窗口换成了“' + String(event.data.elsewhere).slice(0, 80) + '”，这里不再带它。那边回到这一课的幻灯，就接上。');
        return;
      }
      if (!event.data.state) return;
      asked = 0;
      say('');
      var before = state;
      state = event.data.state;
      if (!heard || before.at !== state.at || before.ratio !== state.ratio || before.black !== state.black) show();
      heard = Date.now();
    });
    document.addEventListener('keydown', function (event) {
      var target = /** @type {HTMLElement} */ (event.target);
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (target.closest('button') && (event.key === ' ' || event.key === 'Enter') && !typed) return;
      if (event.key === 's' || event.key === 'f' || event.key === 'o') return;
      if (/^[0-9]$/.test(event.key)) { typed += event.key; return; }
      var number = typed;
      typed = '';
      if (event.key === '+' || event.key === '=' || event.key === '-') { size(event.key === '-' ? -1 : 1); return; }
      if (event.key === 'Enter') { send(number ? { go: Number(number) - 1 } : { key: 'ArrowRight' }); return; }
      send({ key: event.key.length === 1 ? event.key.toLowerCase() : event.key });
      if (/^(Arrow|Page|Home|End| )/.test(event.key)) event.preventDefault();
    });
    window.addEventListener('resize', fit);
    show();
    send({ hello: true });
    clock();
    setInterval(clock, 1000);
  }
})();
