/**
 * The home page by the calendar: the piece of the present solar term, and of every `[data-daily]` group the item
 * whose turn it is. The day is China's, whatever the clock's zone.
 */
(function () {
  'use strict';

  var DAY = 86400000;

  var calendar = window.archive.calendar;
  var today = calendar.now();

  document.querySelectorAll('[data-solar]').forEach(function (box) {
    var term = calendar.term(JSON.parse(box.getAttribute('data-days') || '{}'));
    if (!term) return;
    var piece = box.querySelector('[data-term="' + term.name + '"]');
    if (!piece) return;
    box.querySelectorAll('.term__piece').forEach(function (other) { other.toggleAttribute('hidden', other !== piece); });
    var time = piece.querySelector('time');
    if (!time) return;
    time.dateTime = term.start.toISOString().slice(0, 10);
    time.textContent = (term.start.getUTCMonth() + 1) + ' 月 ' + term.start.getUTCDate() + ' 日起';
  });

  document.querySelectorAll('[data-daily]').forEach(function (box) {
    var items = Array.from(box.children);
    var turn = Math.floor(today.getTime() / DAY) % items.length;
    items.forEach(function (item, n) { item.toggleAttribute('hidden', n !== turn); });
  });
})();
