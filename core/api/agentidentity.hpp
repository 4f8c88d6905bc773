// AgentIdentity (crds/errand.dev_agentidentities.yaml): identifies an agent and sets the ceiling for the
// access of its tasks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/api/accounts.hpp"
#include "core/api/codec.hpp"
#include "core/api/meta.hpp"

namespace errand::api {

// Ordered: a greater value is a greater risk.
enum class Risk { Low, Medium, High, Critical };
std::string_view toString(Risk risk);

// An audience of tokens, and the file of its token.
struct Audience {
  std::string name;  // the aud claim
  std::string file;  // the name of the token's file
  bool operator==(const Audience&) const = default;
};

// A Role or ClusterRole that a grant may bind.
struct AllowedRole {
  std::string name;
  bool dangerAccepted = false;  // `dangerous: Accepted`: its rules may give access to other credentials
  bool operator==(const AllowedRole&) const = default;
};

// The most access that a grant of a tool class may get.
struct Ceiling {
  std::vector<AllowedRole> roles, clusterRoles;
  std::vector<std::string> secrets;
  std::vector<Audience> audiences;

  // Return null if there is none of that name. `kind` is Role or ClusterRole.
  const Audience* audience(std::string_view name) const;
  const AllowedRole* role(std::string_view kind, std::string_view name) const;
  bool operator==(const Ceiling&) const = default;
};

// A class of tasks of an agent, with its ceiling and limits.
struct ToolClass {
  std::string name;
  Risk risk = Risk::Low;
  std::optional<Risk> minimumRisk;
  Ceiling access;
  Seconds maxDuration{0};
  std::int32_t maxActiveGrants = 1;
  std::int32_t approvalsRequired = 0;
  std::string slotSecretName;  // empty: no slot

  // Returns the lowest effective risk of a task of this class: minimumRisk, or risk if that is not set.
  Risk leastRisk() const { return minimumRisk.value_or(risk); }
  bool operator==(const ToolClass&) const = default;
};

// metav1.LabelSelector
struct LabelSelector {
  struct Requirement {
    std::string key, op;
    std::vector<std::string> values;
    bool operator==(const Requirement&) const = default;
  };
  StringMap matchLabels;
  std::vector<Requirement> matchExpressions;

  // True if the labels match. An empty selector matches everything; an unknown operator matches nothing.
  bool matches(const StringMap& labels) const;
  bool operator==(const LabelSelector&) const = default;
};

struct AgentIdentity {
  struct Account {
    std::string toolClass, name, uid;
    bool operator==(const Account&) const = default;
  };
  struct Status {
    std::int64_t observedGeneration = -1;  // -1: none
    std::vector<Account> serviceAccounts;
    std::int32_t activeGrants = 0;
    std::optional<Time> lastGrantAt;
    std::vector<Condition> conditions;
    bool operator==(const Status&) const = default;
  };

  ObjectMeta meta;
  std::string owner, description;
  bool suspended = false;  // spec.state
  std::optional<Time> expiresAt;
  LabelSelector podSelector;
  std::vector<ToolClass> toolClasses;
  Status status;

  // Returns null if there is no such tool class.
  const ToolClass* toolClass(std::string_view name) const;
  bool operator==(const AgentIdentity&) const = default;
};

// Return the value as JSON. Only the whole object has apiVersion and kind.
nlohmann::json encode(const AgentIdentity& identity);
nlohmann::json encode(const AgentIdentity::Status& status);

}  // namespace errand::api
