"""A model of the size of a fixture: a Nequix file with drawn weights. model.py OUT"""
import json, random, struct, sys

random.seed(1)
s, p, mlp, elements = 4, 2, 4, [26, 28]  # 4x0e + 2x1o
gates, n = s + p, len(elements)
layers = [[(8, mlp), (mlp, mlp), (mlp, 2 * n), (n, n), (n, gates), (n, p), (n, gates), (gates,), (p,)],
          [(8, mlp), (mlp, mlp), (mlp, s + p), (s, s), (p, p), (s + p, s), (s, s), (s,)]]
header = {"cutoff": 4.5, "atomic_numbers": elements, "atom_energies": {str(z): -4.0 for z in elements},
          "avg_n_neighbors": 25.0, "scale": 1.0, "shift": 0.0, "hidden_irreps": f"{s}x0e + {p}x1o", "lmax": 1,
          "n_layers": 2, "radial_basis_size": 8, "radial_mlp_size": mlp, "radial_mlp_layers": 2,
          "radial_polynomial_p": 6.0, "mlp_init_scale": 4.0, "index_weights": False, "layer_norm": True}


def tensor(shape, draw):
    count = 1
    for n in shape:
        count *= n
    text = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }" % (", ".join(map(str, shape)) + ("," if len(shape) == 1 else ""))
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + struct.pack(f"<{count}f", *[draw() for _ in range(count)])


with open(sys.argv[1], "wb") as out:
    out.write((json.dumps(header, separators=(",", ":")) + "\n").encode())
    out.write(tensor((n,), lambda: -4.0))
    for layer in layers:
        for shape in layer:
            out.write(tensor(shape, (lambda: 1.0) if len(shape) == 1 else (lambda: random.gauss(0, 0.5))))
    out.write(tensor((s, 1), lambda: random.gauss(0, 0.1)))
