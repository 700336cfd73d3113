"""What a surface is, found without our own shape code: volume, edges, rays."""

from __future__ import annotations

import cv2
import numpy as np

from deepetch.studio.mesh import Mesh


def triangles(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """(n, 3, 3) corners in metres and (n, 3, 2) their uv, each quadrilateral cut in two."""
    quads = mesh.faces[:, 3] >= 0
    index = np.concatenate([mesh.faces[:, :3], mesh.faces[quads][:, [0, 2, 3]]])
    uv = np.concatenate([mesh.uv[:, :3], mesh.uv[quads][:, [0, 2, 3]]])
    return mesh.vertices[index].astype(float), uv.astype(float)


def signed_volume(mesh: Mesh) -> float:
    """By the divergence theorem, a third of the flux of (x, y, z): positive when normals point outward."""
    a, b, c = triangles(mesh)[0].transpose(1, 0, 2)
    return float((a * np.cross(b, c)).sum() / 6)


def flux_from_axis(mesh: Mesh) -> float:
    """Flux of (x, y, 0): positive when the normals of a band or patch round the z axis point away from it."""
    a, b, c = triangles(mesh)[0].transpose(1, 0, 2)
    middle = (a + b + c) / 3 * (1, 1, 0)
    return float((middle * np.cross(b - a, c - a)).sum() / 2)


def is_closed(mesh: Mesh) -> bool:
    """Whether every edge is walked exactly once each way."""
    after = np.where(mesh.faces[:, 3:] < 0, mesh.faces[:, [1, 2, 0, 0]], mesh.faces[:, [1, 2, 3, 0]])
    real = mesh.faces >= 0
    start, end = mesh.faces[real].astype(np.int64), after[real].astype(np.int64)
    there, back = start * len(mesh.vertices) + end, end * len(mesh.vertices) + start
    there, back = np.sort(there), np.sort(back)
    return bool((np.diff(there) > 0).all()) and np.array_equal(there, back)


def print_scale(mesh: Mesh, sheet: tuple[float, float], face: tuple[float, float, float, float]) -> np.ndarray:
    """Surface per printed length along both axes of strain, (n, 2), and the area it holds for, (n,), side by side.

    Only triangles that face the viewer and lie inside a face of the sheet.
    """
    corners, uv = triangles(mesh)
    left, bottom, right, top = face
    u, v = uv.mean(axis=1).T
    sides = np.stack([corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]], axis=-1)
    printed = np.stack([uv[:, 1] - uv[:, 0], uv[:, 2] - uv[:, 0]], axis=-1) * np.array(sheet)[:, None]
    normal = np.cross(sides[..., 0], sides[..., 1])
    area = np.linalg.norm(normal, axis=1) / 2
    kept = (u > left) & (u < right) & (v > bottom) & (v < top) & (normal[:, 1] < -area)
    kept &= np.abs(np.linalg.det(printed)) > 1e-13
    strain = np.linalg.svd(sides[kept] @ np.linalg.inv(printed[kept]), compute_uv=False)
    return np.column_stack([strain, area[kept]])


def see_through_holes(meshes: list[Mesh], axis: int, *, grid: int = 300) -> list[float]:
    """Areas of gaps through which parallel rays along an axis pass and which the product encloses.

    grid     rays along the longer side of what the rays look at; a triangle stops those whose pixels it touches.
    Returns  square metres, the largest first.
    """
    flat = np.delete(np.concatenate([triangles(mesh)[0] for mesh in meshes]), axis, axis=2)
    low, size = flat.min(axis=(0, 1)), np.ptp(flat, axis=(0, 1))
    pitch = float(size.max()) / grid
    columns, rows = np.ceil(size / pitch).astype(int) + 5
    passed = np.ones((rows, columns), np.uint8)
    for corners in np.round((flat - low) / pitch + 2).astype(np.int32):
        cv2.fillConvexPoly(passed, corners, 0)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(passed, connectivity=4)
    return sorted((stats[k, 4] * pitch**2 for k in range(1, count) if k != labels[0, 0]), reverse=True)
