// The authorization answers that a test sets. A question without an answer is allowed.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "webhook/guard/request/views.hpp"

namespace errand::webhook {

class Authorizer {
 public:
  RequestViews views() const {
    return {.may =
                [this](const api::AccessRequest& q) {
                  groups_ = q.who->groups;
                  asked_.push_back(q.who->user + " " + q.verb + " " + q.resource + "/" + q.name);
                  const auto it = answers_.find(q.verb + " " + q.name);
                  return it == answers_.end() ? std::optional(true) : it->second;
                },
            .grantsOfWorkload =
                [this](auto ns, auto kind, auto name) {
                  std::vector<std::shared_ptr<const api::TaskGrant>> out;
                  for (const auto& grant : grants_)
                    if (grant->meta.ns == ns && api::toString(grant->spec.workload.kind) == kind &&
                        grant->spec.workload.name == name)
                      out.push_back(grant);
                  return out;
                },
            .dangers = [this](const RoleKey& key) -> std::optional<std::vector<policy::Danger>> {
              const auto it = roles_.find(key.role.name);
              if (it == roles_.end()) return std::vector<policy::Danger>();
              if (!it->second) return std::nullopt;
              return policy::dangersOf(*it->second);
            }};
  }

  // `question` is a verb and a name: "request bot". std::nullopt means "not known yet".
  void answer(const std::string& question, std::optional<bool> what) { answers_[question] = what; }
  // Adds a Role or ClusterRole of that name. Without this call it does not exist. std::nullopt means "not
  // known yet".
  void rules(const std::string& role, std::optional<std::vector<api::PolicyRule>> rules) {
    roles_[role] = std::move(rules);
  }
  void add(api::TaskGrant grant) {
    grants_.push_back(std::make_shared<const api::TaskGrant>(std::move(grant)));
  }
  const std::vector<std::string>& asked() const { return asked_; }
  // Returns the groups of the user of the last question.
  const std::vector<std::string>& groups() const { return groups_; }

 private:
  std::map<std::string, std::optional<bool>> answers_;
  std::map<std::string, std::optional<std::vector<api::PolicyRule>>> roles_;
  std::vector<std::shared_ptr<const api::TaskGrant>> grants_;
  mutable std::vector<std::string> asked_, groups_;
};

}  // namespace errand::webhook
