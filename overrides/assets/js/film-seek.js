// @ts-check
/**
 * Plays a film from the time that an address names: page.html#t=12.5, as chapters, the transcript and results of the
 * search lead there; and marks in the transcript what is being said.
 */
(function () {
  'use strict';

  var film = /** @type {HTMLVideoElement | null} */ (document.querySelector('video.film'));
  if (!film || film.hasAttribute('data-seek-bound')) return;
  film.setAttribute('data-seek-bound', '');

  function seek() {
    var named = /(?:^#|&)t=(\d+(?:\.\d+)?)/.exec(location.hash);
    if (named) film.currentTime = Number(named[1]);
  }

  var lines = Array.from(document.querySelectorAll('.transcript [data-start]'));
  film.addEventListener('timeupdate', function () {
    lines.forEach(function (line) {
      var said = film.currentTime >= Number(line.getAttribute('data-start')) && film.currentTime < Number(line.getAttribute('data-end'));
      if (said) line.setAttribute('aria-current', 'true'); else line.removeAttribute('aria-current');
    });
  });
  // The hash may already be this one: a second click on the same line must still seek.
  document.querySelectorAll('.transcript a, .chapters a').forEach(function (link) {
    link.addEventListener('click', function () {
      if (link.getAttribute('href') === location.hash) seek();
      film.play().catch(function () {}); // refused without a gesture; the film still stands at the place
    });
  });

  seek();
  window.addEventListener('hashchange', seek);
})();
