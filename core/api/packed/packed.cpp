#include "core/api/packed/packed.hpp"

#include <atomic>
#include <cstring>
#include <new>
#include <string>

#include "core/api/packed/reader.hpp"
#include "core/api/packed/writer.hpp"
#include "core/api/table/exemption.hpp"
#include "core/api/table/grantstatus.hpp"
#include "core/api/table/objects.hpp"

namespace errand::api {

// One allocation: this header, then the bytes.
struct Packed::Block {
  std::atomic<std::uint32_t> owners;
  std::uint32_t size;

  char* data() { return reinterpret_cast<char*>(this + 1); }
};

Packed::Packed(std::string_view bytes) {
  void* memory = ::operator new(sizeof(Block) + bytes.size());
  block_ = new (memory) Block{1, static_cast<std::uint32_t>(bytes.size())};
  std::memcpy(block_->data(), bytes.data(), bytes.size());
}

Packed::Packed(const Packed& other) noexcept : block_(other.block_) {
  if (block_ != nullptr) block_->owners.fetch_add(1, std::memory_order_relaxed);
}

Packed::~Packed() {
  if (block_ == nullptr || block_->owners.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  block_->~Block();
  ::operator delete(block_);
}

std::string_view Packed::bytes() const {
  return block_ == nullptr ? std::string_view() : std::string_view(block_->data(), block_->size);
}

std::string_view Packed::ns() const { return packed::Reader(bytes()).view(); }

std::string_view Packed::name() const {
  packed::Reader reader(bytes());
  reader.view();
  return reader.view();
}

// Namespace and name come first, so that ns() and name() find them.
template <class T>
Packed pack(const T& object) {
  packed::Writer writer;
  writer.view(object.meta.ns);
  writer.view(object.meta.name);
  writer.value(object);
  return Packed(writer.bytes());
}

template <class T>
T unpack(const Packed& bytes) {
  packed::Reader reader(bytes.bytes());
  reader.view();
  reader.view();
  T out;
  reader.value(out);
  return out;
}

#define ERRAND_PACKED(T)                 \
  template Packed pack(const T& object); \
  template T unpack(const Packed& packed);
ERRAND_PACKED(AgentIdentity)
ERRAND_PACKED(TaskGrant)
ERRAND_PACKED(Exemption)
ERRAND_PACKED(PartialObject)
ERRAND_PACKED(ServiceAccount)
ERRAND_PACKED(RoleBinding)
ERRAND_PACKED(Role)
ERRAND_PACKED(Workload)
ERRAND_PACKED(Pod)
ERRAND_PACKED(Job)
#undef ERRAND_PACKED

}  // namespace errand::api
