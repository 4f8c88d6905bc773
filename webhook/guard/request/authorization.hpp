// Puts questions to the API server's authorizers, and words for who was told no.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/views.hpp"
#include "webhook/guard/request/views.hpp"

namespace errand::webhook {

struct RequestVerdict {
  std::optional<std::string> refusal;      // in words for who asked; nothing where the request is allowed
  std::vector<api::AccessRequest> asks;    // beside a refusal: what is not known yet, asked again it may be
  std::optional<rules::NeedsGrant> needs;  // likewise
  std::vector<RoleKey> roles = {};         // likewise: what these allow is not known yet
};

// Reasons for a refusal, as many as a client shows.
class Refusals {
 public:
  void add(std::string message);
  bool empty() const { return messages_.empty(); }
  // One a line, and how many more there are.
  std::string text() const;

 private:
  std::vector<std::string> messages_;
  std::size_t more_ = 0;
};

// Collects what several questions came to: all must be answered by yes. They are put to the API server
// kAtOnce at a time, and no further ones once there is a no among as many, so that who is refused costs
// little.
class Authorization {
 public:
  static constexpr std::size_t kAtOnce = 32;

  Authorization(const RequestViews& views, api::Requester who, std::string_view ns);

  // `field` asked for it; `wayOut` says how to be allowed.
  void require(std::string_view field, std::string_view verb, std::string_view group,
               std::string_view resource, std::string_view name, std::string_view wayOut);
  // A verb of ours on an AgentIdentity.
  void require(std::string_view field, std::string_view verb, std::string_view agent);

  // What nobody may, in words for who asked.
  void refuse(std::string message) { refusals_.add(std::move(message)); }

  // The refusals, or that the answers are awaited.
  RequestVerdict verdict() &&;

 private:
  const RequestViews& views_;
  const api::Asker who_;
  const std::string ns_;
  const std::size_t atOnce_;
  Refusals refusals_;
  std::vector<api::AccessRequest> unknown_;  // atOnce_ at most
  std::size_t answered_ = 0;
};

}  // namespace errand::webhook
