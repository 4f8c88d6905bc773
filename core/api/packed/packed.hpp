// Stores an object in few bytes, for caches of many thousands.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "core/api/meta.hpp"

namespace errand::api {

// Immutable bytes that copies share. Safe to copy and read from several threads. Only pack() creates them:
// readers do not check them. Empty after default construction, and after it was moved from.
class Packed {
 public:
  Packed() = default;
  Packed(const Packed& other) noexcept;
  Packed(Packed&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  Packed& operator=(Packed other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~Packed();

  // True unless it is empty.
  explicit operator bool() const { return block_ != nullptr; }

  // Views of a Packed are valid as long as one of its copies lives.
  std::string_view bytes() const;

  // Return the object's namespace and name without unpacking it. Not for an empty Packed.
  std::string_view ns() const;
  std::string_view name() const;

  // True if both share the same bytes. Does not compare their content.
  friend bool operator==(const Packed& a, const Packed& b) { return a.block_ == b.block_; }

 private:
  template <class T>
  friend Packed pack(const T& object);
  explicit Packed(std::string_view bytes);

  struct Block;
  Block* block_ = nullptr;
};

// Packing loses no field: unpack(pack(x)) == x, for the kinds that packed.cpp lists. Repeated texts, common
// texts, uids, digests and times are stored in a shorter form.
template <class T>
Packed pack(const T& object);
// Not for an empty Packed. T must be the type that was packed.
template <class T>
T unpack(const Packed& packed);

}  // namespace errand::api
