// Who may what, and the keys of seals, as a test says: a key of its own, and everybody may everything.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "webhook/guard/request/seal.hpp"

namespace errand::webhook {

class Authorizer {
 public:
  Authorizer() { use(SigningKey::make().value()); }

  RequestViews views() const {
    return {.may =
                [this](const api::Question& q) {
                  asked_.push_back(q.who.user + " " + q.verb + " " + q.resource + "/" + q.name);
                  const auto it = answers_.find(q.verb + " " + q.name);
                  return it == answers_.end() ? std::optional(true) : it->second;
                },
            .sealKeys = [this] { return keys_; },
            .nonce = [this] { return "nonce-" + std::to_string(++nonces_); },
            .grantsOfWorkload =
                [this](auto ns, auto kind, auto name) {
                  std::vector<std::shared_ptr<const api::TaskGrant>> out;
                  for (const auto& grant : grants_)
                    if (grant->meta.ns == ns && api::toString(grant->spec.workload.kind) == kind &&
                        grant->spec.workload.name == name)
                      out.push_back(grant);
                  return out;
                }};
  }

  // "request bot": nothing for "not known yet".
  void answer(const std::string& question, std::optional<bool> what) { answers_[question] = what; }
  void use(SigningKey key) {
    auto accepted = VerifyingKeys::read(key.publicPem()).value();
    keys_ = std::make_shared<const SealKeys>(std::move(key), std::move(accepted));
  }
  void loseKeys() { keys_ = nullptr; }
  void add(api::TaskGrant grant) {
    grants_.push_back(std::make_shared<const api::TaskGrant>(std::move(grant)));
  }
  const std::vector<std::string>& asked() const { return asked_; }
  const SealKeys& keys() const { return *keys_; }

 private:
  std::map<std::string, std::optional<bool>> answers_;
  std::shared_ptr<const SealKeys> keys_;
  std::vector<std::shared_ptr<const api::TaskGrant>> grants_;
  mutable std::vector<std::string> asked_;
  mutable int nonces_ = 0;
};

}  // namespace errand::webhook
