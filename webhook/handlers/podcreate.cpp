// CREATE of pods. /mutate completes the pod. /validate runs the rules, and checks which users may run an
// agent's pods.
#include "rules/catalogue/catalogue.hpp"
#include "rules/inject/automount.hpp"
#include "rules/inject/bylabel.hpp"
#include "rules/inject/pullsecrets.hpp"
#include "webhook/guard/request/run.hpp"
#include "webhook/handlers/handler.hpp"
#include "webhook/outcome.hpp"

namespace errand::webhook {
namespace {

Outcome complete(const Call& call, const rules::PodView& pod) {
  if (!pod.labels.contains(api::kGrantLabel)) {
    rules::Patch patch;
    completeAutomount(pod, patch);
    const auto warnings = stripPullSecrets(pod, patch);
    return allow(call, patch, warnings);
  }
  auto [patch, needs] = completeFromLabel(pod, call.info.ns, call.info.requester.user, call.cluster,
                                          call.settings.longestGrace);
  if (patch) {
    const auto warnings = stripPullSecrets(pod, *patch);
    return allow(call, *patch, warnings);
  }
  Outcome out =
      refuse(call, rules::Finding{rules::kForeignAccount.id, "pod: " + patch.error().message, "", ""});
  out.needs = std::move(needs);
  return out;
}

Outcome check(const Call& call, const rules::PodView& pod, rules::Mode mode) {
  // A pod that /mutate does not complete is checked as its author wrote it.
  const rules::CheckStage stage =
      mode == rules::Mode::Enforce ? rules::CheckStage::AtCreation : rules::CheckStage::Written;
  Outcome out = answer(call, evaluate(wholePod(call.context(), pod, stage)), {"Pod", pod.name, &pod}, mode);
  if (!out.allowed) return out;
  Outcome run = answer(call, evaluateRun(call.info, "Pod", pod.name, pod, call.cluster));
  return run.allowed ? out : run;
}

}  // namespace

Outcome handle(const Call& call, const rules::PodCreate& request) {
  const rules::Mode mode = call.mode();
  if (call.path == Path::Validate) return check(call, request.pod, mode);
  return mode == rules::Mode::Enforce ? complete(call, request.pod) : allow(call);
}

}  // namespace errand::webhook
