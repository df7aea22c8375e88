# Trees, and the candidates of names: `trees.Trees.log_odds`, `resolution.Resolver` and `resolution.Guess`.

def walk_trees(
    const float[:, ::1] rows, const unsigned char[:, ::1] feature, const float[:, ::1] threshold, const float[:, ::1] leaf, double base
):
    """`trees.Trees.log_odds`: (rows, features) to (rows,). `feature` and `threshold` are (trees, inner nodes).

    A few trees at a time, which stay in the processor's first cache while all rows go through them.
    """
    cdef int count = rows.shape[0], trees = feature.shape[0], inner = feature.shape[1], n, tree, node, begun, end
    found = np.empty(count, np.float32)
    cdef float[::1] out = found
    cdef double *total = <double *>malloc((count + 1) * sizeof(double))
    cdef const float *row
    cdef const unsigned char *at
    cdef const float *edge
    if total == NULL:
        raise MemoryError
    for n in range(count):
        total[n] = 0.0
    for begun in range(0, trees, 16):
        end = min(begun + 16, trees)
        for n in range(count):
            row = &rows[n, 0]
            for tree in range(begun, end):
                at, edge, node = &feature[tree, 0], &threshold[tree, 0], 0
                if inner == 15:  # the shipped models: four levels, without a loop over them
                    node = 1 + (row[at[0]] > edge[0])
                    node = 2 * node + 1 + (row[at[node]] > edge[node])
                    node = 2 * node + 1 + (row[at[node]] > edge[node])
                    node = 2 * node + 1 + (row[at[node]] > edge[node])
                else:
                    while node < inner:
                        node = 2 * node + 1 + (row[at[node]] > edge[node])
                total[n] += leaf[tree, node - inner]
    for n in range(count):
        out[n] = <float>(total[n] + base)
    free(total)
    return found


cdef inline double _km(double lat_a, double lon_a, double lat_b, double lon_b) noexcept:
    cdef double up = sin((lat_b - lat_a) / 2), along = sin((lon_b - lon_a) / 2)
    return 2 * _EARTH_KM * asin(sqrt(fmin(up * up + cos(lat_a) * cos(lat_b) * along * along, 1.0)))


cdef class Candidates:
    """The candidates of all names of a text side by side, as `resolution.Guess` has them; those of a name stand together."""

    cdef int count, groups
    cdef const int[::1] entity
    cdef const unsigned char[::1] how
    cdef const Py_ssize_t[::1] first  # by group; one past the last at the end
    cdef const signed char[::1] contained
    cdef const unsigned char[::1] contains  # by group

    def __init__(self, entity, how, first, contained, contains):
        self.entity, self.how, self.first, self.contained, self.contains = entity, how, first, contained, contains
        self.count, self.groups = self.entity.shape[0], self.contains.shape[0]

    def best(self, const float[::1] score):
        """`resolution.Guess.best`."""
        cdef int g, n, most
        cdef list found = []
        for g in range(self.groups):
            most = self.first[g]
            for n in range(most + 1, self.first[g + 1]):
                if score[n] > score[most]:
                    most = n
            found.append(most)
        return found


cdef class Atlas:
    """The columns of the gazetteer that resolution computes with; `lat` and `lon` in radians, NaN where unknown."""

    cdef const unsigned char[::1] kind
    cdef const Py_ssize_t[::1] country, admin1
    cdef const float[::1] lat, lon, population, prior
    cdef int countries, divisions

    def __init__(self, gazetteer, lat, lon, prior_of_kind):
        self.kind, self.country, self.admin1 = gazetteer.kind, gazetteer.country, gazetteer.admin1
        self.population, self.lat, self.lon, self.prior = gazetteer.log_population, lat, lon, prior_of_kind
        self.countries, self.divisions = len(gazetteer.country_codes), len(gazetteer.admin1_codes)

    def inside(self, const int[:] entities, const int[:] outer, const unsigned char[:] how):
        """`resolution.Resolver.inside`."""
        cdef int count = entities.shape[0], n, m, a, e, kind
        found = np.zeros(count, np.bool_)
        cdef unsigned char[::1] held = found.view(np.uint8)
        for m in range(outer.shape[0]):
            e = outer[m]
            if how[m] == _PEOPLE:
                continue
            kind = self.kind[e]
            for n in range(count):
                a = entities[n]
                if kind == 1:
                    held[n] |= self.country[a] == self.country[e] and self.kind[a] > 1
                elif kind == 2:
                    held[n] |= self.admin1[a] == self.admin1[e] and self.kind[a] > 2
                elif kind == 3 and self.population[e] > 4:
                    held[n] = (held[n] or self._km_between(a, e) < 60.0) and a != e
                elif kind == 7 and self.country[a] == self.country[e] and self.kind[a] > 2:
                    held[n] |= self._km_between(a, e) < 400.0
        return found

    cdef double _km_between(self, int a, int b) noexcept:
        return _km(self.lat[a], self.lon[a], self.lat[b], self.lon[b])

    def shares(self, Candidates c not None, double sharpness):
        """What size and containment give each candidate of its name: (candidates,), summing to 1 for each name."""
        out = np.empty(c.count, np.float32)
        cdef float[::1] share = out
        cdef double *value = <double *>malloc((c.count + 1) * sizeof(double))
        cdef double most, total
        cdef int g, n, e
        if value == NULL:
            raise MemoryError
        for g in range(c.groups):
            most, total = -1e30, 0.0
            for n in range(c.first[g], c.first[g + 1]):
                e = c.entity[n]
                value[n] = self.population[e] + self.prior[self.kind[e]] + 5.0 * c.contained[n] - (c.how[n] == _ALIAS)
                if c.how[n] == _SHORT and not c.contains[g]:
                    value[n] -= 3.0
                value[n] *= sharpness
                if value[n] > most:
                    most = value[n]
            for n in range(c.first[g], c.first[g + 1]):
                value[n] = exp(value[n] - most)
                total += value[n]
            for n in range(c.first[g], c.first[g + 1]):
                share[n] = <float>(value[n] / total)
        free(value)
        return out

    def context(self, Candidates c not None, const float[::1] share, const float[::1] weight):
        """By name: the most that other names say of a candidate's country, and of its division, as shares of all that is said."""
        cdef double[::1] country = np.zeros(self.countries), division = np.zeros(self.divisions)
        cdef double total = 0.0, mass, of_country, of_division
        cdef int g, n, e
        cdef list countries = [], divisions = []
        for g in range(c.groups):
            for n in range(c.first[g], c.first[g + 1]):
                mass = share[n] * weight[g]
                country[self.country[c.entity[n]]] += mass
                division[self.admin1[c.entity[n]]] += mass
        for n in range(1, self.countries):
            total += country[n]
        total = max(total, 1.0)
        for g in range(c.groups):
            of_country, of_division = -1e30, -1e30
            for n in range(c.first[g], c.first[g + 1]):
                e, mass = c.entity[n], share[n] * weight[g]
                of_country = max(of_country, country[self.country[e]] - mass if self.country[e] else 0.0)
                of_division = max(of_division, division[self.admin1[e]] - mass if self.admin1[e] else 0.0)
            countries.append(of_country / total)
            divisions.append(of_division / total)
        return countries, divisions

    def rows(self, Candidates c not None, const float[::1] share, const float[::1] weight, float[:, ::1] out, int publisher):
        """Columns 0 to 25, 30 and 33 of `resolution.FEATURES`; returns what is said of each country."""
        said = np.zeros(self.countries)
        cdef double[::1] country = said, division = np.zeros(self.divisions)
        cdef double[::1] sure_country = np.zeros(self.countries), sure_division = np.zeros(self.divisions)
        cdef double[::1] own_country = np.zeros(self.countries), own_division = np.zeros(self.divisions)
        cdef float *mass = <float *>malloc((c.count + 1) * sizeof(float))
        cdef double total = 0.0, size
        cdef float largest
        cdef int g, n, e, a, d
        if mass == NULL:
            raise MemoryError
        for g in range(c.groups):
            for n in range(c.first[g], c.first[g + 1]):
                e, mass[n] = c.entity[n], share[n] * weight[g]
                country[self.country[e]] += mass[n]
                division[self.admin1[e]] += mass[n]
                if share[n] > <float>0.85:
                    sure_country[self.country[e]] += mass[n]
                    sure_division[self.admin1[e]] += mass[n]
        country[0] = division[0] = 0.0
        for n in range(self.countries):
            total += country[n]
        total = max(total, 1.0)
        for g in range(c.groups):
            largest = -1.0
            for n in range(c.first[g], c.first[g + 1]):
                largest = max(largest, self.population[c.entity[n]])
            size = log1p(c.first[g + 1] - c.first[g])
            self._own(c, g, mass, own_country, own_division, sure=False)
            for n in range(c.first[g], c.first[g + 1]):
                e = c.entity[n]
                a, d = self.country[e], self.admin1[e]
                out[n, self.kind[e]] = 1.0
                out[n, 9], out[n, 10], out[n, 11] = c.how[n] == _ALIAS, c.how[n] == _PEOPLE, c.how[n] == _SHORT
                out[n, 12], out[n, 13] = self.population[e], largest - self.population[e]
                out[n, 14], out[n, 15] = n - c.first[g], size
                out[n, 16], out[n, 17], out[n, 18] = c.contained[n] == 1, c.contained[n] == -1, c.contains[g]
                out[n, 19] = (country[a] - own_country[a]) / total if a else 0.0
                out[n, 20] = (division[d] - own_division[d]) / total if d else 0.0
                out[n, 30] = a == publisher
                out[n, 33] = self.kind[c.entity[c.first[g]]]
            self._clear(c, g, own_country, own_division)
            self._own(c, g, mass, own_country, own_division, sure=True, share=share)
            for n in range(c.first[g], c.first[g + 1]):
                a, d = self.country[c.entity[n]], self.admin1[c.entity[n]]
                out[n, 21] = sure_country[a] - own_country[a] if a else 0.0
                out[n, 22] = sure_division[d] - own_division[d] if d else 0.0
            self._clear(c, g, own_country, own_division)
        self._near(c, mass, out)
        free(mass)
        return said

    def near_prior(self, Candidates c not None, const float[::1] lat, const float[::1] lon, const float[::1] weight, float[:, ::1] out):
        """Column 28: the share of the source prior within about 80 km, by its points (radians)."""
        cdef int n, p, e
        cdef double near, chord, x, y, z, across
        cdef int count = lat.shape[0]
        cdef double *point = <double *>malloc((count + 1) * 3 * sizeof(double))
        if point == NULL:
            raise MemoryError
        for p in range(count):
            point[3 * p], point[3 * p + 1], point[3 * p + 2] = cos(lat[p]) * cos(lon[p]), cos(lat[p]) * sin(lon[p]), sin(lat[p])
        for n in range(c.count):
            e, near = c.entity[n], 0.0
            if not isnan(self.lat[e]):
                across = cos(self.lat[e])
                x, y, z = across * cos(self.lon[e]), across * sin(self.lon[e]), sin(self.lat[e])
                for p in range(count):
                    chord = (x - point[3 * p]) ** 2 + (y - point[3 * p + 1]) ** 2 + (z - point[3 * p + 2]) ** 2
                    if chord < 1.5:  # beyond 8,400 km nothing is left that a float could hold
                        near += weight[p] * exp(-2 * _EARTH_KM / 80.0 * asin(sqrt(chord) / 2))
            out[n, 28] = <float>near
        free(point)

    cdef _own(self, Candidates c, int g, float *mass, double[::1] country, double[::1] division, bint sure, const float[::1] share=None):
        """What the name itself says of each country and division."""
        cdef int n
        for n in range(c.first[g], c.first[g + 1]):
            if not sure or share[n] > <float>0.85:
                country[self.country[c.entity[n]]] += mass[n]
                division[self.admin1[c.entity[n]]] += mass[n]

    cdef _clear(self, Candidates c, int g, double[::1] country, double[::1] division):
        cdef int n
        for n in range(c.first[g], c.first[g + 1]):
            country[self.country[c.entity[n]]] = division[self.admin1[c.entity[n]]] = 0.0

    cdef _near(self, Candidates c, float *mass, float[:, ::1] out):
        """`resolution.Resolver._nearness`, by the chord between points on the unit sphere; one exponential gives all three scales."""
        cdef double *point = <double *>malloc((c.count + 1) * 3 * sizeof(double))
        cdef double *near = <double *>malloc((c.count + 1) * 3 * sizeof(double))
        cdef double x, y, z, fall, lat, lon
        cdef int g, n, m, e, anchors = 0
        if point == NULL or near == NULL:
            raise MemoryError
        for n in range(c.count):
            e = c.entity[n]
            lat, lon = self.lat[e], self.lon[e]
            point[3 * n], point[3 * n + 1], point[3 * n + 2] = cos(lat) * cos(lon), cos(lat) * sin(lon), sin(lat)
            near[3 * n] = near[3 * n + 1] = near[3 * n + 2] = 0.0
        for g in range(c.groups):
            for n in range(c.first[g], c.first[g + 1]):
                e = c.entity[n]
                if mass[n] <= 0.25 or self.kind[e] <= 1 or isnan(self.lat[e]) or anchors == _MOST_ANCHORS:
                    continue
                anchors += 1
                for m in range(c.count):
                    if c.first[g] <= m < c.first[g + 1] or isnan(point[3 * m]):
                        continue
                    x, y, z = point[3 * m] - point[3 * n], point[3 * m + 1] - point[3 * n + 1], point[3 * m + 2] - point[3 * n + 2]
                    fall = exp(-2 * _EARTH_KM / 800.0 * asin(fmin(sqrt(x * x + y * y + z * z) / 2, 1.0)))
                    near[3 * m + 2] += fall * mass[n]
                    fall *= fall
                    fall *= fall
                    near[3 * m + 1] += fall * mass[n]
                    fall *= fall
                    fall *= fall
                    near[3 * m] += fall * mass[n]
        for n in range(c.count):
            out[n, 23], out[n, 24], out[n, 25] = near[3 * n], near[3 * n + 1], near[3 * n + 2]
        free(point)
        free(near)
