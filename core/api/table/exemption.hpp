// The tables of Exemption.
#pragma once

#include "core/api/exemption.hpp"
#include "core/api/table/agentidentity.hpp"

namespace errand::api {

template <>
struct Fields<Exemption::Object> {
  using T = Exemption::Object;
  static constexpr auto rows = std::tuple(required("kind", &T::kind), required("name", &T::name));
};

template <>
struct Fields<Exemption> {
  using T = Exemption;
  static constexpr std::string_view apiVersion = kGroupVersion, kind = "Exemption";
  static constexpr auto rows =
      std::tuple(required("metadata", &T::meta),
                 within("spec", required("owner", &T::owner), required("reason", &T::reason),
                        field<NameList>("rules", &T::rules), field("podSelector", &T::podSelector),
                        field("objects", &T::objects), field<NameList>("secrets", &T::secrets),
                        field("expiresAt", &T::expiresAt)));
};

}  // namespace errand::api
