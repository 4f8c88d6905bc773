// Puts questions to the API server's authorizers, and words for who was told no.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/guard/request/views.hpp"
#include "webhook/views.hpp"

namespace errand::webhook {

struct RequestVerdict {
  std::optional<std::string> refusal;  // in words for who asked; nothing where the request is allowed
  std::vector<api::Question> asks;     // beside a refusal: what is not known yet, asked again it may be
  std::optional<NeedsGrant> needs;     // likewise
};

// Collects what several questions came to: all must be answered by yes.
class Asking {
 public:
  Asking(const RequestViews& views, api::Requester who, std::string_view ns)
      : views_(views), who_(std::move(who)), ns_(ns) {}

  // `field` asked for it; `wayOut` says how to be allowed.
  void require(std::string_view field, std::string_view verb, std::string_view group,
               std::string_view resource, std::string_view name, std::string_view wayOut);
  // A verb of ours on an AgentIdentity.
  void require(std::string_view field, std::string_view verb, std::string_view agent);

  // What nobody may, in words for who asked.
  void refuse(std::string message) { refusals_.push_back(std::move(message)); }

  // The refusals, or that the answers are awaited.
  RequestVerdict verdict() &&;

 private:
  const RequestViews& views_;
  const api::Requester who_;
  const std::string ns_;
  std::vector<std::string> refusals_;
  std::vector<api::Question> unknown_;
};

}  // namespace errand::webhook
