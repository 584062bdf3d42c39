/** The teacher's view: words to the teacher, notes, answers and what each choice is told are shown only there. The hash keeps it: page.html#teacher. */
(function () {
  'use strict';

  var button = /** @type {HTMLButtonElement} */ (document.querySelector('[data-teacher]'));
  if (!button || button.hasAttribute('data-bound')) return;
  button.setAttribute('data-bound', '');
  button.hidden = false;

  /** @param {boolean} on */
  function show(on) {
    button.setAttribute('aria-pressed', String(on));
    document.querySelectorAll('.teacher-note').forEach(function (note) {
      /** @type {HTMLElement} */ (note).hidden = !on;
      /** @type {HTMLDetailsElement} */ (note).open = on;
    });
    document.querySelectorAll('[data-quiz]').forEach(function (quiz) { quiz.toggleAttribute('data-teaching', on); });
    document.querySelectorAll('.quiz__answer').forEach(function (answer) {
      var item = answer.closest('[data-done]');
      /** @type {HTMLDetailsElement} */ (answer).open = on || Boolean(item);
    });
  }

  button.addEventListener('click', function () {
    var on = button.getAttribute('aria-pressed') !== 'true';
    show(on);
    history.replaceState(null, '', on ? '#teacher' : location.href.split('#')[0]);
  });
  show(/(^#|&)teacher(&|$)/.test(location.hash));
})();
