// Collects questions for the API server's authorizers, and writes the message of a refusal.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/cluster/clusterstate.hpp"

namespace errand::webhook {

struct RequestVerdict {
  std::optional<std::string> refusal = {};    // the message for the client; nothing if the request is allowed
  std::vector<api::AccessRequest> asks = {};  // beside a refusal: open questions; their answers may change it
  std::optional<rules::NeedsGrant> needs = {};  // likewise
  std::vector<rules::RoleKey> roles = {};       // likewise: roles whose rules are not known yet
};

// Reasons for a refusal, as many as a client shows.
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
// at a time. No further ones follow a batch with a no, so that a rejected request costs little.
class Authorization {
 public:
  static constexpr std::size_t kAtOnce = 32;

  Authorization(const rules::ClusterState& cluster, api::Requester who, std::string_view ns);

  // `field` is the field that requires the verb. `wayOut` tells the client how to obtain it.
  void require(std::string_view field, std::string_view verb, std::string_view group,
               std::string_view resource, std::string_view name, std::string_view wayOut);
  // A verb of ours on an AgentIdentity.
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
