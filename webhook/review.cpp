#include "webhook/review.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "webhook/answer.hpp"
#include "webhook/guard/gate.hpp"
#include "webhook/guard/request/grant.hpp"
#include "webhook/guard/request/identity.hpp"
#include "webhook/guard/request/record.hpp"
#include "webhook/guard/request/run.hpp"
#include "webhook/guard/token.hpp"
#include "webhook/inject/automount.hpp"
#include "webhook/inject/bylabel.hpp"
#include "webhook/inject/pullsecrets.hpp"
#include "webhook/rules/catalogue.hpp"
#include "webhook/rules/exempt.hpp"
#include "webhook/rules/holder.hpp"
#include "webhook/rules/literal/added.hpp"
#include "webhook/view/admission.hpp"

namespace errand::webhook {
namespace {

// More would make a message that no client shows.
constexpr size_t kMostFindings = 64;

Outcome allow(const AdmissionRequest& request, const Patch& patch = {}) {
  return {.body = allowAnswer(request.uid, patch.empty() ? std::string() : toJson(patch)),
          .needs = {},
          .asks = {},
          .allowed = true,
          .ruleIds = {}};
}

Outcome refuse(const AdmissionRequest& request, std::string_view message) {
  return {
      .body = refuseAnswer(request.uid, message), .needs = {}, .asks = {}, .allowed = false, .ruleIds = {}};
}

Outcome mutate(const AdmissionRequest& request, const PodView& pod, const Views& views) {
  if (!pod.labels.contains(api::kGrantLabel)) {
    Patch patch;
    completeAutomount(pod, patch);
    stripPullSecrets(pod, patch);
    return allow(request, patch);
  }
  auto [patch, needs] = completeFromLabel(pod, request.ns, request.user.name, views);
  if (patch) {
    stripPullSecrets(pod, *patch);
    return allow(request, *patch);
  }
  const Finding finding{kForeignAccount.id, "pod: " + patch.error().message, "", ""};
  Outcome out = refuse(request, finding.message());
  out.ruleIds.emplace_back(finding.rule);
  out.needs = std::move(needs);
  return out;
}

// The ephemeral containers that the update adds: existing ones cannot be changed.
std::vector<const Container*> added(const PodView& pod, const PodView* old) {
  std::vector<const Container*> out;
  for (const Container& container : pod.containers) {
    if (container.role != ContainerRole::Ephemeral) continue;
    const bool known = old != nullptr && std::ranges::any_of(old->containers, [&](const Container& other) {
                         return other.role == ContainerRole::Ephemeral && other.name == container.name;
                       });
    if (!known) out.push_back(&container);
  }
  return out;
}

// Of findings, or of what was exempted.
std::string told(const auto& findings) {
  std::string message;
  const size_t shown = std::min(findings.size(), kMostFindings);
  for (size_t i = 0; i < shown; ++i) message += (i > 0 ? "\n" : "") + findings[i].message();
  if (shown < findings.size()) message += fmt::format("\nand {} more", findings.size() - shown);
  return message;
}

Outcome judgedAnswer(const AdmissionRequest& request, Verdict verdict, Remarks remarks, Mode mode) {
  if (verdict.findings.empty())
    return {.body = allowAnswer(request.uid, {}, remarks),
            .needs = {},
            .asks = {},
            .allowed = true,
            .ruleIds = {}};
  const std::string message = told(verdict.findings);
  Outcome out = refuse(request, message);
  out.needs = std::move(verdict.needs);
  if (mode != Mode::Enforce) {
    if (mode == Mode::Audit)
      remarks.audit = message;
    else
      for (const Finding& finding : verdict.findings) remarks.warnings.push_back(finding.message());
    out = {allowAnswer(request.uid, {}, remarks), {}, {}, true, {}};
  }
  for (const Finding& finding : verdict.findings) out.ruleIds.emplace_back(finding.rule);
  out.ruleIds.erase(std::ranges::unique(out.ruleIds).begin(), out.ruleIds.end());
  return out;
}

// What Exemptions and the namespace's mode make of a verdict.
Outcome answer(const AdmissionRequest& request, Verdict verdict, const Candidate& candidate,
               const Views& views, Mode mode, Time now) {
  if (verdict.findings.empty()) return allow(request);
  const std::vector<Exempted> exempted = exempt(verdict, candidate, views.exemptions(request.ns), now);
  Remarks remarks;
  remarks.exempted = told(exempted);
  Outcome out = judgedAnswer(request, std::move(verdict), std::move(remarks), mode);
  for (const Exempted& one : exempted) out.exempted.emplace_back(one.finding.rule);
  return out;
}

Outcome answer(const AdmissionRequest& request, RequestVerdict verdict) {
  if (!verdict.refusal) return allow(request);
  Outcome out = refuse(request, *verdict.refusal);
  out.asks = std::move(verdict.asks);
  out.roles = std::move(verdict.roles);
  out.needs = std::move(verdict.needs);
  return out;
}

Outcome validate(const AdmissionRequest& request, const PodView& pod, const PodView* old, const Views& views,
                 const RequestViews& requests, Mode mode, Time now) {
  // A pod that the mutating half leaves alone is judged as it was written.
  Judged judged{{request.ns, request.user.name, views},
                pod,
                request.isEphemeralUpdate(),
                mode != Mode::Enforce,
                false,
                {}};
  if (judged.ephemeralOnly)
    judged.containers = added(pod, old);
  else
    std::ranges::transform(pod.containers, std::back_inserter(judged.containers),
                           [](const auto& c) { return &c; });
  Outcome out = answer(request, judge(judged), {"Pod", pod.name, &pod}, views, mode, now);
  if (!out.allowed || judged.ephemeralOnly) return out;
  Outcome run = answer(request, judgeRun(request, "Pod", pod.name, pod, views, requests));
  return run.allowed ? out : run;
}

Outcome validateObject(const AdmissionRequest& request, const Views& views, const RequestViews& requests,
                       Mode mode, Time now) {
  if (!request.object) return refuse(request, "request.object is missing");
  if (!*request.object)
    return refuse(request, "the object cannot be read: " + request.object->error().message);
  const ObjectView& object = **request.object;
  Outcome out = answer(request, judge(object, {request.ns, request.user.name, views}, Stage::Admission),
                       {object.kind, object.name, object.pod ? &*object.pod : nullptr}, views, mode, now);
  if (!out.allowed || !object.pod || (request.operation == "UPDATE" && !request.otherTemplate)) return out;
  if (request.operation == "UPDATE")
    if (const auto frozen = frozenTemplate(request.ns, object.kind, object.name, requests)) {
      Outcome refused = refuse(request, *frozen);
      refused.ruleIds.emplace_back(kForeignToolClass.id);
      return refused;
    }
  Outcome run = answer(request, judgeRun(request, object.kind, object.name, *object.pod, views, requests));
  return run.allowed ? out : run;
}

Outcome guardUpdate(const AdmissionRequest& request, const PodView& pod, const PodView* old,
                    const Views& views, Mode mode, Time now) {
  if (old == nullptr) return refuse(request, "request.oldObject is missing");
  const auto refusal = refusedUpdate(pod, *old, request.user.name, views.operatorUser);
  if (refusal) return refuse(request, *refusal);
  if (!isAgentAccount(old->account())) return allow(request);
  return answer(request, judgeAdded({request.ns, request.user.name, views}, pod, *old),
                {"Pod", pod.name, &pod}, views, mode, now);
}

Outcome guardToken(const AdmissionRequest& request, const Views& views, Time now) {
  if (!request.name.starts_with(kGrantAccountPrefix) || request.user.name == views.operatorUser)
    return allow(request);
  TokenVerdict verdict = judgeToken(request.ns, request.name, views, now);
  if (!verdict.refusal) return allow(request);
  Outcome out = refuse(request, *verdict.refusal);
  out.needs = std::move(verdict.needs);
  return out;
}

template <class T>
Result<T> decoded(const AdmissionRequest& request, const std::string& text) {
  const auto parsed = api::parseJson(text);
  auto object = parsed ? api::decode<T>(*parsed) : std::unexpected(parsed.error());
  if (object) object->meta.ns = request.ns;
  return object;
}

// Reads the metadata alone: the schema, which comes next, names a wrong field of the spec better.
Outcome recordRequester(const AdmissionRequest& request) {
  const auto object = decoded<api::Object>(request, request.text);
  if (!object) return refuse(request, "the TaskGrant cannot be read: " + object.error().message);
  if (request.operation == "UPDATE") {
    const auto old = decoded<api::Object>(request, request.oldText);
    if (!old) return refuse(request, "the TaskGrant as it was cannot be read: " + old.error().message);
    return allow(request, restoreAtUpdate(*object, *old));
  }
  const auto patch = recordAtCreate(request, *object);
  return patch ? allow(request, *patch) : refuse(request, patch.error().message);
}

Outcome guardGrant(Path path, const AdmissionRequest& request, const Views& views,
                   const RequestViews& requests, Time now) {
  if (path == Path::Mutate) return recordRequester(request);
  if (request.operation != "CREATE") return allow(request);
  const auto grant = decoded<api::TaskGrant>(request, request.text);
  if (!grant) return refuse(request, "the TaskGrant cannot be read: " + grant.error().message);
  return answer(request, judgeGrant(request, *grant, views, requests, now));
}

Outcome guardIdentity(const AdmissionRequest& request, const Views& views, const RequestViews& requests) {
  const auto identity = decoded<api::AgentIdentity>(request, request.text);
  if (!identity) return refuse(request, "the AgentIdentity cannot be read: " + identity.error().message);
  // One that could not be read gave nobody anything.
  const auto old = decoded<api::AgentIdentity>(request, request.oldText);
  return answer(request, judgeIdentity(*identity, request.operation == "UPDATE" && old ? &*old : nullptr,
                                       request.requester(), views, requests));
}

bool isJudged(Path path, const AdmissionRequest& request) {
  if (request.isPodCreate()) return true;
  if (request.isObjectWrite()) return path == Path::Validate;
  return path == Path::Validate &&
         (request.isPodUpdate() || request.isEphemeralUpdate() || request.isTokenCreate());
}

// Of a request that was sent here: the API server's selector has said that the namespace takes part. A cache
// that does not know so is behind.
Mode modeFor(std::string_view ns, const Views& views) {
  const Mode known = views.mode(ns).value_or(Mode::Off);
  return known == Mode::Off ? Mode::Enforce : known;
}

}  // namespace

Result<Outcome> review(Path path, std::string_view body, const Views& views, const RequestViews& requests,
                       Time now) {
  const Result<AdmissionRequest> request = readAdmission(body);
  if (!request) return std::unexpected(request.error());
  if (request->isOurs()) {
    if (request->resource == api::kTaskGrants.plural) return guardGrant(path, *request, views, requests, now);
    return path == Path::Validate ? guardIdentity(*request, views, requests) : allow(*request);
  }
  const Mode mode = modeFor(request->ns, views);
  if (!isJudged(path, *request) || (path == Path::Mutate && mode != Mode::Enforce)) return allow(*request);
  if (request->isObjectWrite()) return validateObject(*request, views, requests, mode, now);
  if (request->isTokenCreate()) return guardToken(*request, views, now);

  if (!request->pod) return refuse(*request, "request.object is missing");
  for (const auto* object : {&request->pod, &request->oldPod})
    if (*object && !**object)
      return refuse(*request, "the pod cannot be read: " + (**object).error().message);
  const PodView* old = request->oldPod ? &**request->oldPod : nullptr;
  const PodView& pod = **request->pod;
  if (request->isPodUpdate()) return guardUpdate(*request, pod, old, views, mode, now);
  return path == Path::Mutate ? mutate(*request, pod, views)
                              : validate(*request, pod, old, views, requests, mode, now);
}

}  // namespace errand::webhook
