#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>

namespace boxoffice::replay {

/// An allocator for tables that are read at random. A large one comes in huge pages, where the
/// system has them: with small ones nearly each look would cost a walk through page tables, too,
/// and a table that grows would cost a page fault every 4 KB.
template <class T>
struct WideMemory {
  using value_type = T;

  WideMemory() = default;
  template <class Other>
  WideMemory(const WideMemory<Other>&) {}  // NOLINT: an allocator of T is one of Other

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < kPageBytes) return static_cast<T*>(::operator new(bytes));
    void* const memory = ::operator new (bytes, std::align_val_t{kPageBytes});
    madvise(memory, bytes, MADV_HUGEPAGE);  // advice: without it, it is memory all the same
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < kPageBytes)
      ::operator delete(memory);
    else
      ::operator delete (memory, std::align_val_t{kPageBytes});
  }
  bool operator==(const WideMemory&) const = default;

 private:
  static constexpr std::size_t kPageBytes = std::size_t{2} << 20;
};

}  // namespace boxoffice::replay
