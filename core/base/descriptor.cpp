#include "core/base/descriptor.hpp"

#include <unistd.h>

namespace errand {

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace errand
