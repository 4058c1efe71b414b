"""Addresses of the evaluate step: the history, the evaluation, results to review, the rules."""

from django.urls import include, path

from lowtide.pathway.evaluate.asking import problem_views as problems
from lowtide.pathway.evaluate.asking import views as asking
from lowtide.pathway.evaluate.deciding import views as deciding
from lowtide.pathway.evaluate.everybody import views as everybody
from lowtide.pathway.evaluate.ledger import views as ledger
from lowtide.pathway.evaluate.reviewing import views as reviewing
from lowtide.pathway.evaluate.ruling import policy_views, walk_views
from lowtide.pathway.evaluate.ruling import views as ruling
from lowtide.pathway.evaluate.workup import views as workup

app_name = "evaluate"

of_one_patient = [
    path("history", asking.history, name="intake"),
    path("problems/<uuid:problem>", problems.problem, name="problem"),
    path("problems/<uuid:problem>/dismiss", problems.dismiss, name="dismiss_problem"),
    path("history/<slug:section>", asking.save, name="save_section"),
    path("history/<slug:which>/add", asking.add, name="add_line"),
    path("history/<slug:which>/whole", asking.whole, name="whole_list"),
    path("ledger", ledger.ledger, name="ledger"),
    path("ledger/add", ledger.add, name="add_trial"),
    path("ledger/episode", ledger.episode, name="episode"),
    path("ledger/<uuid:entry>/correct", ledger.correct, name="correct_trial"),
    path("ledger/<uuid:entry>/judge", ledger.judge, name="judge_trial"),
    path("evaluate", deciding.evaluation, name="evaluate"),
    path("evaluate/decide", deciding.record_decision, name="decide"),
    path("workup", workup.overview, name="workup"),
    path("workup/<slug:key>", workup.test, name="workup_test"),
]

urlpatterns = [
    path("patients/<uuid:patient>/", include(of_one_patient)),
    path("results/", reviewing.results, name="results"),
    path("results/review", reviewing.review, name="review_results"),
    path("rules/", ruling.rules, name="rules"),
    path("rules/approve", ruling.approve, name="approve"),
    path("rules/policy", policy_views.policy, name="policy"),
    path("rules/walk/", walk_views.walk, name="walk"),
    path("rules/walk/<slug:step>", walk_views.step, name="walk_step"),
    path("rules/walk/<slug:step>/sign", walk_views.sign, name="walk_sign"),
    path("rules/walk/<slug:step>/take-back", walk_views.take_back, name="walk_take_back"),
    path("rules/everybody", everybody.moved, name="everybody"),
    path("rules/everybody/progress", everybody.progress, name="everybody_progress"),
    path("rules/everybody/start", everybody.start, name="everybody_start"),
    path("rules/everybody/<uuid:run>/stop", everybody.stop, name="everybody_stop"),
]
