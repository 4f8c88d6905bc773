#include "cli/verdict/ask.hpp"

#include <nlohmann/json.hpp>

#include "cli/verdict/fields.hpp"

namespace errand::cli {

Read<bool> ask(const kube::Client& client, const kube::AccessQuestion& question) {
  const auto answer = client.accessReview(question);
  if (!answer) return {.unread = answer.error().message};
  return {.value = answer->allowed && !answer->denied};
}

Result<std::string> userName(const kube::Client& client) {
  constexpr api::Resource kReviews{"authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview"};
  const auto review =
      client.create(kReviews, "", {{"apiVersion", "authentication.k8s.io/v1"}, {"kind", kReviews.kind}});
  if (!review) return std::unexpected(review.error());
  return textAt(objectAt(objectAt(*review, "status"), "userInfo"), "username");
}

}  // namespace errand::cli
