#include "webhook/serving.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/base/log.hpp"
#include "core/base/metrics.hpp"

namespace errand::webhook {
namespace {

using namespace std::chrono_literals;

constexpr auto kLookAgain = 50ms;
constexpr auto kPatience = 2s;
// Most answers of the API server come within some milliseconds.
constexpr auto kAnswerSoon = 5ms;
constexpr auto kAnswerPatience = 4s;
// The review asks again after this time: a call may have failed, been dropped or expired.
constexpr auto kAskAgain = 500ms;
// A review that waits is made again for each look: a large one is looked at less often.
constexpr std::size_t kLargeBytes = std::size_t{32} * 1024;
constexpr auto kLookRarely = 400ms;
constexpr std::size_t kPartyWithin = 4096, kPartyBytes = 64;
constexpr std::size_t kMostGrantsRead = 256;
using AccountKey = kube::IndexKey<struct AccountForm>;
using WorkloadKey = kube::IndexKey<struct WorkloadForm>;
constexpr kube::Index<api::TaskGrant, AccountKey> kByAccount{"account"};
constexpr kube::Index<api::TaskGrant, WorkloadKey> kByWorkload{"workload"};

AccountKey accountKey(std::string_view ns, std::string_view account) {
  return AccountKey(fmt::format("{}/{}", ns, account));
}

WorkloadKey workloadKey(std::string_view ns, std::string_view kind, std::string_view name) {
  return WorkloadKey(fmt::format("{}/{}/{}", ns, kind, name));
}

void readGrants(kube::Store<api::TaskGrant>& store, const kube::Client& client, const std::string& ns) {
  const Result<nlohmann::json> list = client.list(api::kTaskGrants, {.ns = ns});
  if (!list) {
    if (list.error().kind != ErrorKind::Cancelled)
      log::warn("live read failed",
                {{"kind", api::kTaskGrants.kind}, {"namespace", ns}, {"error", list.error().message}});
    return;
  }
  for (const nlohmann::json& item : list->at("items"))
    if (auto grant = api::decode<api::TaskGrant>(item))
      store.upsert(std::make_shared<const api::TaskGrant>(std::move(*grant)));
}

template <class T>
void readInto(kube::Store<T>& store, const kube::Client& client, const api::Resource& resource,
              const std::string& ns, const std::string& name) {
  Result<nlohmann::json> object = client.get(resource, ns, name);
  Result<T> decoded = object ? api::decode<T>(*object) : std::unexpected(object.error());
  if (decoded) {
    store.upsert(std::make_shared<const T>(std::move(*decoded)));
  } else if (decoded.error().kind != ErrorKind::NotFound && decoded.error().kind != ErrorKind::Cancelled) {
    log::warn(
        "live read failed",
        {{"kind", resource.kind}, {"namespace", ns}, {"name", name}, {"error", decoded.error().message}});
  }
}

std::chrono::milliseconds lookAgain(std::size_t bytes, std::chrono::milliseconds waited) {
  return bytes <= kLargeBytes ? kLookAgain
                              : std::clamp<std::chrono::milliseconds>(waited, kLookAgain, kLookRarely);
}

Behalf behalfOf(const serve::Request& request) {
  return {std::string(request.network), std::string(request.source),
          std::string(partyOf(request).substr(0, kPartyBytes))};
}

std::function<bool()> allKnown(const RequestViews& requests, std::vector<api::AccessRequest> asks,
                               std::vector<RoleKey> roles) {
  return [may = requests.may, dangers = requests.dangers, asks = std::move(asks), roles = std::move(roles)] {
    return std::ranges::all_of(
               asks, [&](const api::AccessRequest& question) { return may(question).has_value(); }) &&
           std::ranges::all_of(roles, [&](const RoleKey& role) { return dangers(role).has_value(); });
  };
}

}  // namespace

std::string_view partyOf(const serve::Request& request) {
  constexpr std::string_view kKey = "\"namespace\":\"";
  const std::string_view head = request.body.substr(0, kPartyWithin);
  const std::size_t at = head.find(kKey);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = head.substr(at + kKey.size());
  return rest.substr(0, rest.find('"'));
}

Caches::Caches() {
  grants.addIndex(kByAccount, [](const api::TaskGrant& grant) {
    return std::vector{accountKey(grant.meta.ns, api::grantAccountName(grant.meta.uid))};
  });
  grants.addIndex(kByWorkload, [](const api::TaskGrant& grant) {
    if (grant.terminal()) return std::vector<WorkloadKey>();
    const auto& [kind, name] = grant.spec.workload;
    return std::vector{workloadKey(grant.meta.ns, api::toString(kind), name)};
  });
}

Result<void> Caches::synced() const {
  std::vector<std::string_view> missing;
  if (!grants.synced()) missing.push_back("TaskGrants");
  if (!identities.synced()) missing.push_back("AgentIdentities");
  if (!exemptions.synced()) missing.push_back("Exemptions");
  if (!namespaces.synced()) missing.push_back("Namespaces");
  if (missing.empty()) return {};
  return fail(ErrorKind::Unavailable, fmt::format("not listed yet: {}", fmt::join(missing, ", ")));
}

rules::Views Caches::views(std::string operatorUser) const {
  rules::Views views;
  views.operatorUser = std::move(operatorUser);
  views.grant = [this](std::string_view ns, std::string_view name) { return grants.get(ns, name); };
  views.grantOfAccount = [this](std::string_view ns, std::string_view account) {
    const auto found = grants.byIndex(kByAccount, accountKey(ns, account));
    return found.empty() ? nullptr : found.front();
  };
  views.identity = [this](std::string_view ns, std::string_view name) { return identities.get(ns, name); };
  views.identities = [this](std::string_view ns) {
    return ns.empty() ? identities.listAll() : identities.list(ns);
  };
  views.exemptions = [this](std::string_view ns) { return exemptions.list(ns); };
  views.mode = [this](std::string_view ns) -> std::optional<rules::Mode> {
    const auto found = namespaces.get("", ns);
    if (found == nullptr) return std::nullopt;
    return rules::modeOf(found->meta.label(api::kEnforceLabel));
  };
  views.facts = [this](std::string_view ns) -> std::optional<policy::NamespaceFacts> {
    const auto found = namespaces.get("", ns);
    if (found == nullptr) return std::nullopt;
    return policy::factsOf(found->meta);
  };
  return views;
}

std::vector<std::shared_ptr<const api::TaskGrant>> Caches::grantsOfWorkload(std::string_view ns,
                                                                            std::string_view kind,
                                                                            std::string_view name) const {
  return grants.byIndex(kByWorkload, workloadKey(ns, kind, name));
}

LiveReads::LiveReads(const kube::Client& client, Caches& caches)
    : client_(client),
      caches_(caches),
      beside_(1, kMostGrantsRead, [this](const rules::NeedsGrant& missing) { read(missing); }) {}

void LiveReads::read(const rules::NeedsGrant& missing) const {
  if (missing.name.empty()) return readGrants(caches_.grants, client_, missing.ns);
  readInto(caches_.grants, client_, api::kTaskGrants, missing.ns, missing.name);
  const auto grant = caches_.grants.get(missing.ns, missing.name);
  if (grant == nullptr || caches_.identities.get(missing.ns, grant->spec.agentIdentity) != nullptr) return;
  readInto(caches_.identities, client_, api::kAgentIdentities, missing.ns, grant->spec.agentIdentity);
}

std::vector<serve::Route> admissionRoutes(rules::Views views, RequestViews requests, Wants wants,
                                          const Clock& clock) {
  const auto route = [&](const char* path, Path half) {
    return serve::Route{
        "POST", path, "application/json",
        [=, &clock](const serve::Request& request, std::chrono::milliseconds waited) -> serve::Answer {
          Result<Outcome> outcome = review(half, request.body, views, requests, clock.now());
          if (!outcome) return serve::text(400, outcome.error().message);
          if (outcome->needs && waited < kPatience) {
            if (waited == 0ms) wants.grant(*outcome->needs, behalfOf(request));
            return serve::Later{lookAgain(request.body.size(), waited)};
          }
          if ((!outcome->asks.empty() || !outcome->roles.empty()) && waited + kAnswerSoon < kAnswerPatience) {
            const Behalf behalf = behalfOf(request);
            wants.access(outcome->asks, behalf);
            wants.roles(outcome->roles, behalf);
            return serve::Later{kAnswerSoon,
                                allKnown(requests, std::move(outcome->asks), std::move(outcome->roles)),
                                std::min<std::chrono::milliseconds>(waited + kAskAgain, kAnswerPatience)};
          }
          for (const std::string& rule : outcome->exempted)
            metrics::counter("errand_exempted_findings_total",
                             "Findings that an Exemption took out of an admission's verdict, by rule.",
                             {{"rule", rule}})
                .increment();
          if (!outcome->allowed) {
            log::info("refused",
                      {{"path", path}, {"rules", fmt::format("{}", fmt::join(outcome->ruleIds, ","))}});
          }
          return serve::Response{200, std::move(outcome->body)};
        }};
  };
  return {route("/mutate", Path::Mutate), route("/validate", Path::Validate)};
}

}  // namespace errand::webhook
