/** Big buttons below a film in place of the browser's small ones: play and pause, where in the film, how long. */
(function () {
  'use strict';

  /** @param {number} seconds */
  function clock(seconds) {
    var whole = Math.floor(seconds);
    return Math.floor(whole / 60) + ':' + ('0' + whole % 60).slice(-2);
  }

  document.querySelectorAll('video[controls]').forEach(function (node) {
    var film = /** @type {HTMLVideoElement} */ (node);
    var row = document.createElement('div');
    var play = document.createElement('button');
    var place = document.createElement('input');
    var time = document.createElement('span');
    film.removeAttribute('controls');
    row.className = 'film-touch';
    play.type = 'button';
    place.type = 'range';
    place.min = '0';
    place.step = '0.1';
    place.setAttribute('aria-label', '放到哪里');
    row.append(play, place, time);
    film.after(row);

    function toggle() {
      if (!film.paused) { film.pause(); return; }
      film.play().catch(function () { play.textContent = '放不了'; });
    }
    function show() {
      play.textContent = film.paused ? '播放' : '暂停';
      place.max = String(film.duration || 0);
      place.value = String(film.currentTime);
      time.textContent = clock(film.currentTime) + ' / ' + clock(film.duration || 0);
    }
    play.addEventListener('click', toggle);
    film.addEventListener('click', toggle);
    place.addEventListener('input', function () { film.currentTime = Number(place.value); });
    ['play', 'pause', 'timeupdate', 'loadedmetadata', 'ended'].forEach(function (name) { film.addEventListener(name, show); });
    function broken() { play.textContent = '放不了'; play.disabled = true; }
    film.addEventListener('error', broken, true);
    show();
    // It may have failed before this script ran.
    if (film.error || film.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) broken();
  });
})();
