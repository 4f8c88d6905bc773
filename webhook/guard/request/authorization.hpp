// Collects questions for the API server's authorizers, and writes the message of a refusal.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/cluster/clusterstate.hpp"

namespace errand::webhook {

// The result of a guard.
struct RequestVerdict {
  std::optional<std::string> refusal = {};  // the message for the client; nullopt if the request is allowed
  // Open questions, whose answers may change the refusal. Set only with a refusal.
  std::vector<api::AccessRequest> asks = {};
  // The missing grant, which may change the refusal. Set only with a refusal.
  std::optional<rules::NeedsGrant> needs = {};
  std::vector<rules::RoleKey> roles = {};  // set only with a refusal: roles whose rules may change it
};

// The reasons for a refusal, at most as many as a client shows.
class Refusals {
 public:
  void add(std::string message);
  bool empty() const { return messages_.empty(); }
  // Returns one reason per line, and the number of those left out.
  std::string text() const;

 private:
  std::vector<std::string> messages_;
  std::size_t more_ = 0;
};

// Combines the answers to several questions; all must be yes. At most kAtOnce questions go to the API server
// at a time. After a no, no further questions follow, so that a rejected request costs little.
class Authorization {
 public:
  static constexpr std::size_t kAtOnce = 32;

  Authorization(const rules::ClusterState& cluster, api::Requester who, std::string_view ns);

  // Requires a verb. `field` is the field that requires it. `wayOut` is text on how to obtain it.
  void require(std::string_view field, std::string_view verb, std::string_view group,
               std::string_view resource, std::string_view name, std::string_view wayOut);
  // Requires one of this project's verbs on an AgentIdentity.
  void require(std::string_view field, std::string_view verb, std::string_view agent);

  // Adds a refusal that no right can lift, as a message for the client.
  void refuse(std::string message) { refusals_.add(std::move(message)); }

  // Returns the refusals, or a refusal with the open questions if answers are missing.
  RequestVerdict verdict() &&;

 private:
  const rules::ClusterState& cluster_;
  const api::Asker who_;
  const std::string ns_;
  const std::size_t atOnce_;
  Refusals refusals_;
  std::vector<api::AccessRequest> unknown_;  // atOnce_ at most
  std::size_t answered_ = 0;
};

}  // namespace errand::webhook
