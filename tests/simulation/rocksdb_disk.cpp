#include "tests/simulation/projector_disk.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::simulation {

namespace {

std::filesystem::path new_directory() {
  static const TemporaryDirectory parent;
  static int number = 0;
  return parent.path() / std::to_string(++number);
}

}  // namespace

ProjectorDisk::ProjectorDisk() : path_(new_directory()) {}

ProjectorDisk::~ProjectorDisk() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void ProjectorDisk::plan_faults(std::function<bool()>, std::function<bool()>) {}

}  // namespace boxoffice::simulation
