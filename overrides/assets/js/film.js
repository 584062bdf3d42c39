/**
 * A film's page: plays from the time that the address names (page.html#t=12.5, #t=1:05 or #t=1:02:03; chapters, the
 * transcript and results of the search lead there) and brings the player into view, marks in chapters and transcript
 * what is being shown, and changes the speed. On a phone, where a caption in the picture is too small to read, it
 * stands below the picture instead.
 */
(function () {
  'use strict';

  var film = /** @type {HTMLVideoElement} */ (document.querySelector('video.film'));
  if (!film || film.hasAttribute('data-bound')) return;
  film.setAttribute('data-bound', '');
  film.style.setProperty('--shape', String(film.width / film.height));

  // A caption ends when the next begins, and on the border browsers show both; players that land on the edge of a
  // frame land before it. A frame and a little later there is one.
  var INSIDE = 0.05;

  /** Seconds that the address names, or null. */
  function named() {
    var found = /(?:^#|&)t=((?:\d+:){0,2}\d+(?:\.\d+)?)(?:[,&]|$)/.exec(location.hash);
    return found && found[1].split(':').reduce(function (sum, part) { return sum * 60 + Number(part); }, 0);
  }

  /** Go to the time that the address names, and to the player. */
  function seek() {
    var at = named();
    if (at === null) return;
    film.currentTime = at + INSIDE;
    film.scrollIntoView({ block: 'nearest' }); // moves nothing when it is in view
  }

  var transcript = /** @type {HTMLElement} */ (document.querySelector('.transcript'));
  var chapters = Array.from(document.querySelectorAll('.chapters [data-start]'));
  var lines = Array.from(document.querySelectorAll('.transcript [data-start]'));

  /** @param {Element} link */
  function start(link) { return Number(link.getAttribute('data-start')); }

  /**
   * Mark one of the links, and let go of the others.
   * @param {Element[]} links
   * @param {Element | undefined} now
   * @returns whether it is newly marked
   */
  function mark(links, now) {
    var fresh = now !== undefined && !now.hasAttribute('aria-current');
    links.forEach(function (link) {
      if (link === now) link.setAttribute('aria-current', 'true'); else link.removeAttribute('aria-current');
    });
    return fresh;
  }

  /** The transcript follows within its own box; the page itself never moves under the reader. @param {Element} line */
  function follow(line) {
    var box = transcript.getBoundingClientRect();
    var place = line.getBoundingClientRect();
    if (place.top < box.top || place.bottom > box.bottom) transcript.scrollTop += place.top - box.top - box.height / 3;
  }

  film.addEventListener('timeupdate', function () {
    var at = film.currentTime;
    mark(chapters, chapters.filter(function (link) { return start(link) <= at; }).pop());
    var line = lines.filter(function (link) { return start(link) <= at && at < Number(link.getAttribute('data-end')); })[0];
    if (mark(lines, line) && line) follow(line);
  });

  /** Captions below a narrow picture. @param {HTMLElement} below @param {TextTrack} track */
  function captionsBelow(below, track) {
    var narrow = window.matchMedia('(max-width: 600px)');
    var place = function () { track.mode = narrow.matches && !document.fullscreenElement ? 'hidden' : 'showing'; };
    track.addEventListener('cuechange', function () {
      below.textContent = Array.from(track.activeCues || [], function (cue) { return /** @type {VTTCue} */ (cue).text; }).join(' ');
    });
    narrow.addListener(place); // addEventListener on a query is newer than some halls' browsers
    document.addEventListener('fullscreenchange', place);
    film.addEventListener('webkitbeginfullscreen', function () { track.mode = 'showing'; }); // iPhones
    film.addEventListener('webkitendfullscreen', place);
    film.addEventListener('loadedmetadata', place, { once: true }); // the browser chooses its tracks until then
    place();
  }
  var below = /** @type {HTMLElement | null} */ (document.querySelector('.film__line'));
  if (below && film.textTracks[0]) captionsBelow(below, film.textTracks[0]);

  // The hash may already be this one: a second click on the same line must still seek.
  document.querySelectorAll('.transcript a, .chapters a').forEach(function (link) {
    link.addEventListener('click', function () {
      if (link.getAttribute('href') === location.hash) seek();
      film.play().catch(function () {}); // refused without a gesture; the film still stands at the place
    });
  });

  var speed = /** @type {HTMLSelectElement} */ (document.querySelector('[data-film-speed]'));
  if (speed) {
    /** @type {HTMLElement} */ (speed.closest('[hidden]')).hidden = false;
    speed.addEventListener('change', function () { film.playbackRate = Number(speed.value); });
  }

  seek();
  window.addEventListener('hashchange', seek);
})();
