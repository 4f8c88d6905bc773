#include "core/kube/client/lean.hpp"

#include <nlohmann/json.hpp>

namespace errand::kube {
namespace {

constexpr int kMaxDepth = 100;

// nlohmann's depth of a key counts the objects and arrays around it.
int managedFieldsDepth(Shape shape) {
  switch (shape) {
    case Shape::Object:
      return 2;
    case Shape::WatchEvent:
      return 3;
    case Shape::List:
      return 4;
  }
  return 2;
}

}  // namespace

Result<nlohmann::json> parseLean(std::string_view text, Shape shape) {
  using nlohmann::json;
  const int skipAt = managedFieldsDepth(shape);
  bool tooDeep = false;
  const auto filter = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > kMaxDepth) tooDeep = true;
    if (tooDeep) return false;
    return !(event == json::parse_event_t::key && depth == skipAt &&
             parsed.get_ref<const std::string&>() == "managedFields");
  };
  json value = json::parse(text, filter, /*allow_exceptions=*/false);
  if (tooDeep) return fail(ErrorKind::Invalid, "JSON nested deeper than " + std::to_string(kMaxDepth));
  if (value.is_discarded()) return fail(ErrorKind::Invalid, "not valid JSON");
  return value;
}

}  // namespace errand::kube
