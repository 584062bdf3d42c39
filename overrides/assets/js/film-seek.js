// @ts-check
/** Plays a film from the time that an address names: page.html#t=12.5, as results of the search lead to a caption. */
(function () {
  'use strict';

  var film = /** @type {HTMLVideoElement | null} */ (document.querySelector('video.film'));
  if (!film || film.hasAttribute('data-seek-bound')) return;
  film.setAttribute('data-seek-bound', '');

  function seek() {
    var named = /(?:^#|&)t=(\d+(?:\.\d+)?)/.exec(location.hash);
    if (named) film.currentTime = Number(named[1]);
  }

  seek();
  window.addEventListener('hashchange', seek);
})();
