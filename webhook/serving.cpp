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
// Time until a review looks for its answers: most answers of the API server take some milliseconds.
constexpr auto kAnswerSoon = 5ms;
constexpr auto kAnswerPatience = 4s;
// Time until a question is asked again: a call may have failed, been dropped or expired.
constexpr auto kAskAgain = 500ms;
// A waiting review is evaluated again at each attempt, so a large one gets fewer attempts.
constexpr std::size_t kLargeBytes = std::size_t{32} * 1024;
constexpr auto kLookRarely = 400ms;
constexpr std::size_t kPartyWithin = 4096, kPartyBytes = 64;  // a namespace has at most 63 characters

std::chrono::milliseconds lookAgain(std::size_t bytes, std::chrono::milliseconds waited) {
  return bytes <= kLargeBytes ? kLookAgain
                              : std::clamp<std::chrono::milliseconds>(waited, kLookAgain, kLookRarely);
}

Behalf behalfOf(const serve::Request& request) {
  return {std::string(request.network), std::string(request.source),
          std::string(partyOf(request).substr(0, kPartyBytes))};
}

std::function<bool()> allKnown(const rules::ClusterState& cluster, std::vector<api::AccessRequest> asks,
                               std::vector<rules::RoleKey> roles) {
  return [&cluster, asks = std::move(asks), roles = std::move(roles)] {
    return std::ranges::all_of(
               asks, [&](const api::AccessRequest& question) { return cluster.may(question).has_value(); }) &&
           std::ranges::all_of(roles,
                               [&](const rules::RoleKey& role) { return cluster.role(role) != nullptr; });
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

// The guards refuse without a rule.
void countRefusal(const std::vector<std::string>& rules) {
  const auto count = [](const std::string& rule) {
    metrics::counter("errand_refusals_total",
                     "Requests that admission refused, by rule; guard for those of a guard.",
                     {{"rule", rule}})
        .increment();
  };
  if (rules.empty()) count("guard");
  for (const std::string& rule : rules) count(rule);
}

std::vector<serve::Route> admissionRoutes(const rules::ClusterState& cluster, rules::RuleSettings settings,
                                          Wants wants, const Clock& clock) {
  const auto route = [&](const char* path, Path half) {
    return serve::Route{
        "POST", path, "application/json",
        [=, &cluster, &clock](const serve::Request& request,
                              std::chrono::milliseconds waited) -> serve::Answer {
          Result<Outcome> outcome = review(half, request.body, cluster, settings, clock.now());
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
                                allKnown(cluster, std::move(outcome->asks), std::move(outcome->roles)),
                                std::min<std::chrono::milliseconds>(waited + kAskAgain, kAnswerPatience)};
          }
          for (const std::string& rule : outcome->exempted)
            metrics::counter("errand_exempted_findings_total",
                             "Findings that an Exemption removed from the verdict of a review, by rule.",
                             {{"rule", rule}})
                .increment();
          if (!outcome->allowed) {
            countRefusal(outcome->ruleIds);
            const auto& [operation, resource, ns, name, user] = outcome->refused;
            log::info("refused", {{"path", path},
                                  {"operation", operation},
                                  {"resource", resource},
                                  {"namespace", ns},
                                  {"name", name},
                                  {"user", user},
                                  {"rules", fmt::format("{}", fmt::join(outcome->ruleIds, ","))}});
          }
          return serve::Response{200, std::move(outcome->body)};
        }};
  };
  return {route("/mutate", Path::Mutate), route("/validate", Path::Validate)};
}

}  // namespace errand::webhook
