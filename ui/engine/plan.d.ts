// A model as pack.py describes it. The layers have the fields of the classes in vae/model/layers.py.

type Activation = "relu" | "sigmoid" | "tanh" | "gelu" | "silu" | null

export type Dense = {
  kind: "Dense"
  name: string
  inputs: number
  units: number
  activation: Activation
}

export type Conv = {
  kind: "Conv"
  name: string
  inputs: number
  filters: number
  size: number
  stride: number
  activation: Activation
  transposed: boolean
}

export type BatchNorm = {
  kind: "BatchNorm"
  name: string
  channels: number
  activation: Activation
  epsilon: number
}

export type Layer =
  | Dense
  | Conv
  | BatchNorm
  | { kind: "MaxPool" }
  | { kind: "Dropout"; rate: number }
  | { kind: "Reshape"; shape: number[] }

/** The parts of `Architecture` in vae/model/architecture.py. */
export type Plan = {
  stem: Layer[]
  encoder: Layer[]
  mu: Layer[]
  log_var: Layer[]
  classifier: Layer[]
  decoder: Layer[]
}

/** Those of `Params` in vae/params.py that the browser needs. */
export type Params = {
  z_dim: number
  encoder_sees_label: boolean
  decoder_sees: "label" | "predicted" | "nothing"
  likelihood: "gaussian" | "bernoulli"
  decoder_std: number
  kl_weight: number
  digit_classification_weight: number
}
