// A certificate and its key, made for one test.
#pragma once

#include <string>

namespace errand::kube {

struct Pair {
  std::string certificate, key;  // PEM
};

// For 127.0.0.1, signed by itself, good for an hour.
Pair selfSigned();

}  // namespace errand::kube
