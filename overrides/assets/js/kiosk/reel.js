/**
 * Plays films and cards in turn, on a touch screen that waits and on public screens: `archive.reel(box)` gives
 * {play, stop}. Films are muted; their captions are in the picture or laid over it. What cannot be shown is skipped.
 * The words wander a little, so that nothing burns into the screen. Two elements are used over and over: a year of
 * films leaves nothing behind.
 */
(function () {
  'use strict';

  var archive = window.archive = window.archive || /** @type {Archive} */ ({});

  /** How long a film may take to begin, in seconds, before the next piece has its turn. */
  var PATIENCE = 8;
  /** How far the words wander, in hundredths of the screen, and over how many cards. */
  var WANDER = [[0, 0], [1.5, 1], [-1, 1.5], [1, -1.5], [-1.5, -1], [0, 1.5], [1.5, -1], [-1.5, 0]];

  var PIECE = /[^，。、；：！？]+[，。、；：！？”’）》」』…—]*|[，。、；：！？”’）》」』…—]+/g;

  /** Grounds of the cards, by turns. */
  var TONES = 6;

  /** @param {HTMLElement} box @returns {Kiosk.Reel} */
  function reel(box) {
    var film = /** @type {HTMLVideoElement} */ (box.querySelector('video'));
    var line = /** @type {HTMLElement} */ (box.querySelector('[data-reel-line]'));
    var card = /** @type {HTMLElement} */ (box.querySelector('[data-reel-card]'));
    var base = box.getAttribute('data-base') || '';
    var timer = 0;
    var turn = 0;
    var run = 0;
    var failed = 0;
    /** @type {() => Kiosk.Piece[]} */
    var pieces = function () { return []; };
    var piece = /** @type {Kiosk.Piece | null} */ (null);

    /** @param {number} seconds @param {() => void} then */
    function later(seconds, then) {
      clearTimeout(timer);
      var mine = run;
      timer = setTimeout(function () { if (mine === run) then(); }, seconds * 1000);
    }

    /** @param {string} name */
    function part(name) { return /** @type {HTMLElement} */ (card.querySelector('[data-reel-' + name + ']')); }

    /** Words in pieces that end with their punctuation: a line breaks there before it breaks anywhere else. @param {HTMLElement} where @param {string} text */
    function write(where, text) {
      where.textContent = '';
      (text.match(PIECE) || []).forEach(function (words) {
        var span = document.createElement('span');
        span.textContent = words;
        where.appendChild(span);
      });
    }

    /** @param {Kiosk.Card} it */
    function showCard(it) {
      quiet();
      part('title').textContent = it.title;
      part('title').hidden = !it.title;
      write(part('text'), it.text);
      part('source').textContent = it.source;
      part('source').hidden = !it.source;
      card.setAttribute('data-length', it.text.length <= 12 ? 'short' : it.text.length <= 40 ? 'middle' : 'long');
      var at = WANDER[turn % WANDER.length];
      card.setAttribute('data-tone', String(turn % TONES));
      card.style.transform = 'translate(' + at[0] + 'vmin,' + at[1] + 'vmin)';
      card.hidden = false;
      failed = 0;
      later(it.seconds, next);
    }

    /** @param {Kiosk.Film} it */
    function showFilm(it) {
      var upright = box.clientHeight > box.clientWidth;
      var source = upright ? it.tall || it.wide : it.wide || it.tall;
      if (!source) { skip(); return; }
      card.hidden = true;
      line.textContent = '';
      film.muted = true;
      film.hidden = false;
      film.src = base + source;
      later(PATIENCE, skip);
      var started = film.play();
      if (started) started.catch(function () { /* `error` or the timer moves on */ });
    }

    /** Let go of the film, also of what it has loaded. */
    function quiet() {
      line.textContent = '';
      film.hidden = true;
      if (!film.hasAttribute('src')) return;
      film.pause();
      film.removeAttribute('src');
      film.load();
    }

    function skip() {
      failed++;
      next();
    }

    function next() {
      var now = pieces();
      clearTimeout(timer);
      // Nothing at all can be shown: the name of the house stands there, and in a while we look again.
      if (!now.length || failed > now.length) { failed = 0; blank(); later(30, next); return; }
      turn = (turn + 1) % now.length;
      piece = now[turn];
      if (piece.kind === 'film') showFilm(piece); else showCard(piece);
    }

    function blank() {
      quiet();
      card.hidden = true;
    }

    film.addEventListener('playing', function () { failed = 0; later(PATIENCE, skip); });
    film.addEventListener('timeupdate', function () {
      if (!film.hasAttribute('src') || !piece || piece.kind !== 'film') return;
      later(PATIENCE, skip); // a film that stands still has failed
      var burnt = film.getAttribute('src') === base + piece.tall;
      var cue = burnt ? null : piece.cues.filter(function (c) { return c[0] <= film.currentTime && film.currentTime < c[1]; })[0];
      var words = cue ? cue[2] : '';
      if (line.textContent !== words) line.textContent = words;
    });
    film.addEventListener('ended', function () { if (film.hasAttribute('src')) next(); });
    film.addEventListener('error', function () { if (film.hasAttribute('src')) skip(); });

    return {
      /** Play from the beginning, round and round. */
      play: function (what) {
        run++;
        pieces = typeof what === 'function' ? what : function () { return what; };
        turn = -1;
        failed = 0;
        next();
      },
      stop: function () {
        run++;
        clearTimeout(timer);
        blank();
        piece = null;
      }
    };
  }

  archive.reel = reel;
})();
