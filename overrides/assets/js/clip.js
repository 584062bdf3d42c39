/** Parts of films: each plays from its start to its end and stands still there; played again, it begins anew. */
(function () {
  'use strict';

  /** @param {HTMLVideoElement} video @param {number} start @param {number} end seconds */
  function bind(video, start, end) {
    video.addEventListener('timeupdate', function () {
      // Not when the lecturer has gone on past the end by hand.
      if (!video.paused && video.currentTime >= end && video.currentTime < end + 1) video.pause();
    });
    video.addEventListener('play', function () {
      if (video.currentTime < start - 0.5 || (video.currentTime >= end - 0.05 && video.currentTime < end + 1)) {
        video.currentTime = start;
      }
      document.querySelectorAll('video').forEach(function (other) { if (other !== video) other.pause(); });
    });
  }

  document.querySelectorAll('[data-clip]').forEach(function (box) {
    var video = box.querySelector('video');
    if (!video || box.hasAttribute('data-bound')) return;
    box.setAttribute('data-bound', '');
    bind(video, Number(box.getAttribute('data-start')), Number(box.getAttribute('data-end')));
  });
})();
