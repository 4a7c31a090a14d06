#include "commands/processor/pages.hpp"

#include <sys/mman.h>

namespace boxoffice::processor {

std::shared_ptr<char> pages(std::size_t bytes) {
  void* const begin =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin == MAP_FAILED) return nullptr;
  return {static_cast<char*>(begin), [bytes](char* mapping) { ::munmap(mapping, bytes); }};
}

}  // namespace boxoffice::processor
