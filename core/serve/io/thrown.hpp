// Names an exception by its type only, because its message may quote a request.
#pragma once

#include <boost/core/demangle.hpp>
#include <exception>
#include <string>
#include <typeinfo>

namespace errand::serve {

inline std::string typeName(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return boost::core::demangle(typeid(e).name());
  } catch (...) {
    return "not a std::exception";
  }
}

}  // namespace errand::serve
