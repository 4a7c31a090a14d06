#pragma once

#include "gateway/bodies.hpp"

/// What bodies say about an occasion, as the domain takes it.
namespace boxoffice::gateway {

/// A new occasion's details: what the body leaves out has its default.
schema::OccasionDetails details_of(OccasionBody body);

/// The change that a merge patch (RFC 7396) asks for. The domain's changes know no null but where
/// null is a value: here it becomes the default of whoever leaves the member out.
///
/// The default of `codes.length` depends on what the occasion becomes, so on `present`, what it is
/// as far as the read models know; should it be another by then, `decide` still refuses codes that
/// do not suffice. Without `present`, it is left as it is.
schema::OccasionChange change_of(OccasionPatch patch, const schema::OccasionDetails* present);

}  // namespace boxoffice::gateway
