/**
 * A public screen: the programme of the hour, by weekday, hour and solar term. Asked anew for every piece, so that
 * midnight and the turn of a season pass unnoticed. The clock is China's, whatever the machine's zone.
 */
(function () {
  'use strict';

  var archive = window.archive;
  var root = document.documentElement;
  var data = /** @type {{days: Record<string, string>, programmes: Kiosk.Programme[]}} */ (JSON.parse(root.getAttribute('data-settings') || '{}'));

  /** Day of the week from Monday and minute of the day, in China. */
  function now() {
    var time = archive.calendar.now();
    return { weekday: (time.getUTCDay() + 6) % 7, minute: time.getUTCHours() * 60 + time.getUTCMinutes() };
  }

  /** Whether a programme has its turn; hours over midnight belong to the day they begin on. @param {Kiosk.Programme} programme @param {{weekday: number, minute: number}} at @param {string} term */
  function fits(programme, at, term) {
    var from = programme.hours[0];
    var to = programme.hours[1];
    var late = to <= from && at.minute < to;
    var inHours = to > from ? at.minute >= from && at.minute < to : at.minute >= from || late;
    var day = late ? (at.weekday + 6) % 7 : at.weekday;
    return inHours
      && (!programme.weekdays.length || programme.weekdays.indexOf(day) >= 0)
      && (!programme.terms.length || programme.terms.indexOf(term) >= 0);
  }

  function programme() {
    var at = now();
    var term = (archive.calendar.term(data.days) || { name: '' }).name;
    var chosen = data.programmes.filter(function (p) { return fits(p, at, term); })[0];
    root.setAttribute('data-programme', chosen ? String(data.programmes.indexOf(chosen) + 1) : '');
    return chosen ? chosen.reel.filter(function (piece) { return !piece.term || piece.term === term; }) : [];
  }

  archive.reel(/** @type {HTMLElement} */ (document.querySelector('[data-reel]'))).play(programme);
  root.setAttribute('data-alive', '');
})();
