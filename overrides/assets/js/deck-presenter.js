// @ts-check
/**
 * The lecturer's window: this slide, the next one, notes and time, beside what the class sees.
 *
 * It is the same page again with `#presenter`. The two windows speak by postMessage, which also works between two
 * windows of one file:// page, where they have no origin to name; each only listens to the other.
 */
(function () {
  'use strict';

  var NAME = 'archive-deck';

  if (location.hash === '#presenter') present(); else offer();

  /** In the class's window. */
  function offer() {
    var deck = window.archiveDeck;
    if (!deck) return;
    var other = /** @type {Window | null} */ (null);
    var last = null;

    function send() { if (other && !other.closed && last) other.postMessage({ name: NAME, state: last }, '*'); }

    function open() {
      other = window.open(location.href.split('#')[0] + '#presenter', NAME, 'width=1100,height=760');
      if (!other) deck.say('浏览器拦下了讲者窗口。允许弹出窗口后再按一次 S。');
    }

    deck.watch(function (state) { last = state; send(); });
    window.addEventListener('message', function (event) {
      if (!event.data || event.data.name !== NAME || !event.source) return;
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
    deck.bar.insertBefore(made, deck.bar.children[6]);
  }

  /** In the lecturer's window. */
  function present() {
    var slides = /** @type {HTMLElement[]} */ (Array.from(document.querySelectorAll('.deck .slide')));
    var minutes = document.body.getAttribute('data-minutes');
    var title = document.title;
    var state = { at: 0, count: slides.length, black: false, ratio: '169', begun: 0 };
    var heard = 0;

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
    var bar = part('div', 'presenter__bar', '');
    [['上一张', 'ArrowLeft'], ['下一张', 'ArrowRight'], ['黑屏', 'b'], ['放影片', 'v'], ['从零计时', 't']].forEach(function (pair) {
      var made = document.createElement('button');
      made.type = 'button';
      made.textContent = pair[0];
      made.addEventListener('click', function () { send({ key: pair[1] }); });
      bar.appendChild(made);
    });
    var time = document.createElement('span');
    time.className = 'presenter__time';
    bar.appendChild(time);

    function part(tag, name, text) {
      var made = document.createElement(tag);
      made.className = name;
      made.textContent = text;
      document.body.appendChild(made);
      return made;
    }

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

    function send(message) {
      message.name = NAME;
      if (window.opener && !window.opener.closed) window.opener.postMessage(message, '*');
    }

    /** A slide without its players: films play where the class sees them. */
    function copy(slide, frame) {
      frame.textContent = '';
      if (!slide) return;
      var sheet = /** @type {HTMLElement} */ (slide.querySelector('.slide__sheet').cloneNode(true));
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
      var alone = !window.opener || window.opener.closed;
      lost.hidden = !alone;
      if (alone && !lost.textContent) lost.textContent = '放映的窗口关了。从课程页重新打开幻灯，再按 S。';
      if (!alone) send({ hello: true }); // answered with the state, also by a window that has been loaded again
    }

    window.addEventListener('message', function (event) {
      if (event.source !== window.opener || !event.data || event.data.name !== NAME || !event.data.state) return;
      var before = state;
      state = event.data.state;
      if (!heard || before.at !== state.at || before.ratio !== state.ratio || before.black !== state.black) show();
      heard = Date.now();
    });
    document.addEventListener('keydown', function (event) {
      var target = /** @type {HTMLElement} */ (event.target);
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (target.closest('button') && (event.key === ' ' || event.key === 'Enter')) return;
      if (event.key === 's' || event.key === 'f' || event.key === 'o') return;
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
