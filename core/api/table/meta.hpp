// The tables of the metav1 types, which all kinds share.
#pragma once

#include "core/api/meta.hpp"
#include "core/api/table/value.hpp"

namespace errand::api {

template <>
struct Fields<OwnerReference> {
  using T = OwnerReference;
  static constexpr auto rows =
      std::tuple(required("apiVersion", &T::apiVersion), required("kind", &T::kind),
                 required("name", &T::name), required("uid", &T::uid), field("controller", &T::controller));
};

template <>
struct Fields<ObjectMeta> {
  using T = ObjectMeta;
  static constexpr auto rows = std::tuple(
      field("name", &T::name), field("generateName", &T::generateName), field("namespace", &T::ns),
      field("uid", &T::uid), field("resourceVersion", &T::resourceVersion),
      field<NonZero>("generation", &T::generation), field("creationTimestamp", &T::creationTimestamp),
      field("deletionTimestamp", &T::deletionTimestamp), field("labels", &T::labels),
      field("annotations", &T::annotations), field("ownerReferences", &T::owners),
      field("finalizers", &T::finalizers));
};

template <>
struct EnumNames<ConditionStatus> {
  static constexpr std::pair<std::string_view, ConditionStatus> all[] = {
      {"True", ConditionStatus::True},
      {"False", ConditionStatus::False},
      {"Unknown", ConditionStatus::Unknown}};
};

template <>
struct Fields<Condition> {
  using T = Condition;
  static constexpr auto rows =
      std::tuple(required("type", &T::type), required("reason", &T::reason), required("message", &T::message),
                 required("status", &T::status), field("observedGeneration", &T::observedGeneration),
                 field("lastTransitionTime", &T::lastTransitionTime));
};

}  // namespace errand::api
