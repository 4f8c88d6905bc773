#include "webhook/review.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "rules/catalogue/agentofpod.hpp"
#include "rules/catalogue/catalogue.hpp"
#include "rules/catalogue/exempt.hpp"
#include "rules/catalogue/literal/added.hpp"
#include "rules/inject/automount.hpp"
#include "rules/inject/bylabel.hpp"
#include "rules/inject/pullsecrets.hpp"
#include "rules/view/admission.hpp"
#include "webhook/answer.hpp"
#include "webhook/guard/gate.hpp"
#include "webhook/guard/request/grant.hpp"
#include "webhook/guard/request/identity.hpp"
#include "webhook/guard/request/record.hpp"
#include "webhook/guard/request/run.hpp"
#include "webhook/guard/token.hpp"

namespace errand::webhook {
namespace {

// No client shows a longer message.
constexpr size_t kMostFindings = 64;

Outcome allow(const rules::AdmissionRequest& request, const rules::Patch& patch = {}) {
  return {.body = allowAnswer(request.uid, patch.empty() ? std::string() : toJson(patch)), .allowed = true};
}

Outcome allow(const rules::AdmissionRequest& request, const Remarks& remarks) {
  return {.body = allowAnswer(request.uid, {}, remarks), .allowed = true};
}

Outcome refuse(const rules::AdmissionRequest& request, std::string_view message) {
  return {.body = refuseAnswer(request.uid, message)};
}

Outcome refuse(const rules::AdmissionRequest& request, const rules::Finding& finding) {
  Outcome out = refuse(request, finding.message());
  out.ruleIds.emplace_back(finding.rule);
  return out;
}

Outcome mutate(const rules::AdmissionRequest& request, const rules::PodView& pod, const rules::Views& views) {
  if (!pod.labels.contains(api::kGrantLabel)) {
    rules::Patch patch;
    completeAutomount(pod, patch);
    stripPullSecrets(pod, patch);
    return allow(request, patch);
  }
  auto [patch, needs] = completeFromLabel(pod, request.ns, request.user.name, views);
  if (patch) {
    stripPullSecrets(pod, *patch);
    return allow(request, *patch);
  }
  Outcome out =
      refuse(request, rules::Finding{rules::kForeignAccount.id, "pod: " + patch.error().message, "", ""});
  out.needs = std::move(needs);
  return out;
}

// The ephemeral containers that the update adds: existing ones cannot be changed.
std::vector<const rules::Container*> added(const rules::PodView& pod, const rules::PodView* old) {
  std::vector<const rules::Container*> out;
  for (const rules::Container& container : pod.containers) {
    if (container.role != rules::ContainerRole::Ephemeral) continue;
    const bool known =
        old != nullptr && std::ranges::any_of(old->containers, [&](const rules::Container& other) {
          return other.role == rules::ContainerRole::Ephemeral && other.name == container.name;
        });
    if (!known) out.push_back(&container);
  }
  return out;
}

// Joins the messages of findings, or of exempted findings.
std::string joined(const auto& findings) {
  std::string message;
  const size_t shown = std::min(findings.size(), kMostFindings);
  for (size_t i = 0; i < shown; ++i) message += (i > 0 ? "\n" : "") + findings[i].message();
  if (shown < findings.size()) message += fmt::format("\nand {} more", findings.size() - shown);
  return message;
}

Outcome verdictAnswer(const rules::AdmissionRequest& request, rules::Verdict verdict, Remarks remarks,
                      rules::Mode mode) {
  if (verdict.findings.empty()) return allow(request, remarks);
  Outcome out;
  if (mode == rules::Mode::Enforce) {
    out = refuse(request, joined(verdict.findings));
    out.needs = std::move(verdict.needs);
  } else {
    if (mode == rules::Mode::Audit)
      remarks.audit = joined(verdict.findings);
    else
      for (const rules::Finding& finding : verdict.findings) remarks.warnings.push_back(finding.message());
    out = allow(request, remarks);
  }
  for (const rules::Finding& finding : verdict.findings) out.ruleIds.emplace_back(finding.rule);
  out.ruleIds.erase(std::ranges::unique(out.ruleIds).begin(), out.ruleIds.end());
  return out;
}

// Applies the Exemptions and the namespace's mode to a verdict.
Outcome answer(const rules::AdmissionRequest& request, rules::Verdict verdict,
               const rules::Candidate& candidate, const rules::Views& views, rules::Mode mode, Time now) {
  if (verdict.findings.empty()) return allow(request);
  const std::vector<rules::Exempted> exempted = exempt(verdict, candidate, views.exemptions(request.ns), now);
  Remarks remarks;
  remarks.exempted = joined(exempted);
  Outcome out = verdictAnswer(request, std::move(verdict), std::move(remarks), mode);
  for (const rules::Exempted& one : exempted) out.exempted.emplace_back(one.finding.rule);
  return out;
}

Outcome answer(const rules::AdmissionRequest& request, RequestVerdict verdict) {
  if (!verdict.refusal) return allow(request);
  Outcome out = refuse(request, *verdict.refusal);
  out.asks = std::move(verdict.asks);
  out.roles = std::move(verdict.roles);
  out.needs = std::move(verdict.needs);
  return out;
}

Outcome validate(const rules::AdmissionRequest& request, const rules::PodView& pod, const rules::PodView* old,
                 const rules::Views& views, const RequestViews& requests, rules::Mode mode, Time now) {
  // A pod that the mutating half leaves alone is checked as it was written.
  rules::CheckInput input{{request.ns, request.user.name, views}, pod,   request.isEphemeralUpdate(),
                          mode != rules::Mode::Enforce,           false, {}};
  if (input.ephemeralOnly)
    input.containers = added(pod, old);
  else
    std::ranges::transform(pod.containers, std::back_inserter(input.containers),
                           [](const auto& c) { return &c; });
  Outcome out = answer(request, evaluate(input), {"Pod", pod.name, &pod}, views, mode, now);
  if (!out.allowed || input.ephemeralOnly) return out;
  Outcome run = answer(request, evaluateRun(request, "Pod", pod.name, pod, views, requests));
  return run.allowed ? out : run;
}

Outcome validateObject(const rules::AdmissionRequest& request, const rules::Views& views,
                       const RequestViews& requests, rules::Mode mode, Time now) {
  if (!request.object) return refuse(request, "request.object is missing");
  if (!*request.object)
    return refuse(request, "the object cannot be read: " + request.object->error().message);
  const rules::ObjectView& object = **request.object;
  Outcome out =
      answer(request, evaluate(object, {request.ns, request.user.name, views}, rules::Stage::Admission),
             {object.kind, object.name, object.pod ? &*object.pod : nullptr}, views, mode, now);
  if (!out.allowed || !object.pod || (request.operation == "UPDATE" && !request.otherTemplate)) return out;
  if (request.operation == "UPDATE")
    if (const auto frozen = frozenTemplate(request.ns, object.kind, object.name, requests))
      return refuse(request, *frozen);
  Outcome run = answer(request, evaluateRun(request, object.kind, object.name, *object.pod, views, requests));
  return run.allowed ? out : run;
}

Outcome guardUpdate(const rules::AdmissionRequest& request, const rules::PodView& pod,
                    const rules::PodView* old, const rules::Views& views, rules::Mode mode, Time now) {
  if (old == nullptr) return refuse(request, "request.oldObject is missing");
  const auto refusal = refusedUpdate(pod, *old, request.user.name, views.operatorUser);
  if (refusal) return refuse(request, *refusal);
  if (!api::isAgentAccount(old->account())) return allow(request);
  return answer(request, evaluateAdded({request.ns, request.user.name, views}, pod, *old),
                {"Pod", pod.name, &pod}, views, mode, now);
}

Outcome guardToken(const rules::AdmissionRequest& request, const rules::Views& views, Time now) {
  if (!request.name.starts_with(api::kGrantAccountPrefix) || request.user.name == views.operatorUser)
    return allow(request);
  return answer(request, evaluateToken(request.ns, request.name, views, now));
}

template <class T>
Result<T> decoded(const rules::AdmissionRequest& request, const std::string& text) {
  auto object = api::decodeText<T>(text);
  if (object) object->meta.ns = request.ns;
  return object;
}

// Reads the metadata only: the schema, which is checked next, reports a wrong field of the spec better.
Outcome recordRequester(const rules::AdmissionRequest& request) {
  const auto object = decoded<api::PartialObject>(request, request.text);
  if (!object) return refuse(request, "the TaskGrant cannot be read: " + object.error().message);
  if (request.operation == "UPDATE") {
    const auto old = decoded<api::PartialObject>(request, request.oldText);
    if (!old) return refuse(request, "the TaskGrant as it was cannot be read: " + old.error().message);
    return allow(request, restoreAtUpdate(*object, *old));
  }
  const auto patch = recordAtCreate(request, *object);
  return patch ? allow(request, *patch) : refuse(request, patch.error().message);
}

Outcome guardGrant(Path path, const rules::AdmissionRequest& request, const rules::Views& views,
                   const RequestViews& requests, Time now) {
  if (path == Path::Mutate) return recordRequester(request);
  if (request.operation != "CREATE") return allow(request);
  const auto grant = decoded<api::TaskGrant>(request, request.text);
  if (!grant) return refuse(request, "the TaskGrant cannot be read: " + grant.error().message);
  return answer(request, evaluateGrant(request, *grant, views, requests, now));
}

Outcome guardIdentity(const rules::AdmissionRequest& request, const rules::Views& views,
                      const RequestViews& requests) {
  const auto identity = decoded<api::AgentIdentity>(request, request.text);
  if (!identity) return refuse(request, "the AgentIdentity cannot be read: " + identity.error().message);
  // An old object that cannot be read gave no access.
  const auto old = decoded<api::AgentIdentity>(request, request.oldText);
  return answer(request, evaluateIdentity(*identity, request.operation == "UPDATE" && old ? &*old : nullptr,
                                          request.requester(), views, requests));
}

bool isEvaluated(Path path, const rules::AdmissionRequest& request) {
  if (request.isPodCreate()) return true;
  if (request.isObjectWrite()) return path == Path::Validate;
  return path == Path::Validate &&
         (request.isPodUpdate() || request.isEphemeralUpdate() || request.isTokenCreate());
}

// Returns the mode for a request that was sent here. The API server's selector has matched the namespace, so
// a cache that does not know the namespace, or has it as Off, is behind.
rules::Mode modeFor(std::string_view ns, const rules::Views& views) {
  const rules::Mode known = views.mode(ns).value_or(rules::Mode::Off);
  return known == rules::Mode::Off ? rules::Mode::Enforce : known;
}

}  // namespace

Result<Outcome> review(Path path, std::string_view body, const rules::Views& views,
                       const RequestViews& requests, Time now) {
  const Result<rules::AdmissionRequest> request = rules::readAdmission(body);
  if (!request) return std::unexpected(request.error());
  if (request->isOurs()) {
    if (request->resource == api::kTaskGrants.plural) return guardGrant(path, *request, views, requests, now);
    return path == Path::Validate ? guardIdentity(*request, views, requests) : allow(*request);
  }
  const rules::Mode mode = modeFor(request->ns, views);
  if (!isEvaluated(path, *request) || (path == Path::Mutate && mode != rules::Mode::Enforce))
    return allow(*request);
  if (request->isObjectWrite()) return validateObject(*request, views, requests, mode, now);
  if (request->isTokenCreate()) return guardToken(*request, views, now);

  if (!request->pod) return refuse(*request, "request.object is missing");
  for (const auto* object : {&request->pod, &request->oldPod})
    if (*object && !**object)
      return refuse(*request, "the pod cannot be read: " + (**object).error().message);
  const rules::PodView* old = request->oldPod ? &**request->oldPod : nullptr;
  const rules::PodView& pod = **request->pod;
  if (request->isPodUpdate()) return guardUpdate(*request, pod, old, views, mode, now);
  return path == Path::Mutate ? mutate(*request, pod, views)
                              : validate(*request, pod, old, views, requests, mode, now);
}

}  // namespace errand::webhook
