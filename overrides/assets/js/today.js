// @ts-check
/**
 * The home page by the calendar: the piece of the present solar term, and of every `[data-daily]` group the item
 * whose turn it is. The day is China's, whatever the clock's zone.
 */
(function () {
  'use strict';

  var TERMS = '小寒 大寒 立春 雨水 惊蛰 春分 清明 谷雨 立夏 小满 芒种 夏至 小暑 大暑 立秋 处暑 白露 秋分 寒露 霜降 立冬 小雪 大雪 冬至'.split(' ');
  var DAY = 86400000;

  var now = window.archiveNow ? window.archiveNow() : Date.now();
  var today = new Date(now + 8 * 3600000); // read with the UTC getters

  /** The term under way and the day it began; the years' tables are strings of two-digit days, two a month. */
  function present(days) {
    var year = today.getUTCFullYear();
    var found = null;
    [year - 1, year].forEach(function (y) {
      if (!days[y]) return;
      TERMS.forEach(function (name, n) {
        var start = Date.UTC(y, Math.floor(n / 2), Number(days[y].substr(n * 2, 2)));
        if (start <= today.getTime()) found = { name: name, start: new Date(start) };
      });
    });
    return found;
  }

  document.querySelectorAll('[data-solar]').forEach(function (box) {
    var term = present(JSON.parse(box.getAttribute('data-days') || '{}'));
    var piece = term && box.querySelector('[data-term="' + term.name + '"]');
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
