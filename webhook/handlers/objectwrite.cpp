// CREATE and UPDATE of every other object: the rules check it and its pod template. The guards check changes
// of the template.
#include "webhook/advice/forecast.hpp"
#include "webhook/guard/request/run.hpp"
#include "webhook/handlers/handler.hpp"
#include "webhook/outcome.hpp"

namespace errand::webhook {

Outcome handle(const Call& call, const rules::ObjectWrite& request) {
  using PodTemplate = rules::ObjectWrite::PodTemplate;
  if (call.path == Path::Mutate) return allow(call);
  const rules::ObjectView& object = request.object;
  Outcome out = answer(call, evaluate(object, call.context(), rules::CheckStage::Written),
                       {object.kind, object.name, object.pod ? &*object.pod : nullptr}, call.mode());
  if (!out.allowed || !object.pod || request.podTemplate == PodTemplate::Same) return out;
  if (request.podTemplate == PodTemplate::Changed)
    if (const auto frozen = frozenTemplate(call.info.ns, object.kind, object.name, call.cluster))
      return refuse(call, *frozen);
  Outcome run = answer(call, evaluateRun(call.info, object.kind, object.name, *object.pod, call.cluster));
  if (!run.allowed) return run;
  // A verdict of the rules, in mode warn, has its own warnings.
  if (!out.ruleIds.empty() || !out.exempted.empty()) return out;
  return allow(call, forecastWorkload(call.info.ns, object.kind, object.name, *object.pod, call.cluster));
}

}  // namespace errand::webhook
