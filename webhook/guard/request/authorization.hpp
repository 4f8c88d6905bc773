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
  // These may change the refusal. They are set only with a refusal: open questions, the grant that is missing
  // in the cache, and roles whose rules are not known.
  std::vector<api::AccessRequest> asks = {};
  std::optional<rules::NeedsGrant> needs = {};
  std::vector<rules::RoleKey> roles = {};
};

// Collects the reasons for a refusal. Keeps the first sixteen, and counts the others.
class Refusals {
 public:
  void add(std::string message);
  bool empty() const { return messages_.empty(); }
  // Returns one reason per line, and the number of the others.
  std::string text() const;

 private:
  std::vector<std::string> messages_;
  std::size_t more_ = 0;
};

// Combines the answers to several questions; all must be yes. At most kAtOnce questions are open at a
// time, and fewer for a user with many groups. After a no, no further batch follows, so that a rejected
// request costs little.
class Authorization {
 public:
  static constexpr std::size_t kAtOnce = 32;

  // Refuses a requester without a user name, or with more than 64 KiB of data. `cluster` must
  // outlive this object.
  Authorization(const rules::ClusterState& cluster, api::Requester who, std::string_view ns);

  // Requires a verb on a resource; an empty `name` means any name. The message of a refusal begins with
  // `field`, the field that requires the verb, and ends with `wayOut`, text on how to obtain it.
  void require(std::string_view field, std::string_view verb, std::string_view group,
               std::string_view resource, std::string_view name, std::string_view wayOut);
  // Requires one of this project's verbs on an AgentIdentity.
  void require(std::string_view field, std::string_view verb, std::string_view agent);

  // Adds a refusal that no right can lift, as a message for the client.
  void refuse(std::string message) { refusals_.add(std::move(message)); }

  // Returns the refusals, or a refusal if answers are missing, with the open questions. Call it last.
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
