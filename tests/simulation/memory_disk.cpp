#include "projections/store/memory/disk.hpp"
#include "tests/simulation/projector_disk.hpp"

namespace boxoffice::simulation {

ProjectorDisk::ProjectorDisk() : path_("the projector's") {}

ProjectorDisk::~ProjectorDisk() { projections::remove_disk(path_); }

void ProjectorDisk::plan_faults(std::function<bool()> write_fails, std::function<bool()> flushes) {
  projections::plan_faults(path_, {std::move(write_fails), std::move(flushes)});
}

}  // namespace boxoffice::simulation
